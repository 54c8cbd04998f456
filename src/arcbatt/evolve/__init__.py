"""Evolution: new programs from known ones, round by round."""
