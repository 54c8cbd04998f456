"""Solvers that search found for training tasks, right on demos and tests: as text, never imported.

They teach search what its moves cost, see docs/search.md.
"""


def solve_007bbfb7(S, I, C):
    return stamp_cells(I, I)


def solve_00d62c1b(S, I, C):
    return fill_enclosed(I, FOUR)


def solve_017c7c7b(S, I, C):
    x1 = output_shape(S)
    return fill(fill(stamp_cells(vconcat(I, bottomhalf(I)), canvas(TWO, UNITY)), TWO, ofcolor(tile_bounced(I, x1), ONE)), ZERO, ofcolor(share_fields(tile(I, x1)), ZERO))


def solve_025d127b(S, I, C):
    return fill(paint(keep_largest(fill(I, ZERO, silhouette(I))), shift(merge(fgpartition(I)), RIGHT)), ZERO, ofcolor(fill_boxes(I, TWO), ZERO))


def solve_0520fde7(S, I, C):
    return fill(canvas(TWO, output_shape(S)), ZERO, ofcolor(common_all(halves(I)), ZERO))


def solve_05269061(S, I, C):
    return mend_period(I, ZERO)


def solve_05f2a901(S, I, C):
    return pull(I, EIGHT)


def solve_06df4c85(S, I, C):
    return overlay(join_lines(keep_blocks(I)), I)


def solve_08ed6ac7(S, I, C):
    return rank_by_size(I)


def solve_0962bcdd(S, I, C):
    return fill(overlay(keep_rare_color(shoot_diagonals(I)), cross_lines(I, main_color(I))), ZERO, ofcolor(frame_objects(I, TWO), ZERO))


def solve_0b148d64(S, I, C):
    return cut_color(I, leastcolor(I))


def solve_0ca9ddb6(S, I, C):
    return fill(fill(I, FOUR, mapply(ineighbors, ofcolor(I, TWO))), SEVEN, mapply(dneighbors, ofcolor(I, ONE)))


def solve_0d3d703e(S, I, C):
    return recolor_by(I, color_map(S))


def solve_0e206a2e(S, I, C):
    return copies_by_marks(I)


def solve_10fcaaa3(S, I, C):
    x1 = tile_times(I, TWO)
    return fill(surround(x1, EIGHT), ZERO, ofcolor(grow_diagonally(x1), ZERO))


def solve_11852cab(S, I, C):
    return complete_rotation(I)


def solve_1190e5a7(S, I, C):
    return compartment_colors(I)


def solve_137eaa0f(S, I, C):
    return overlay_around(I, FIVE)


def solve_178fcbfb(S, I, C):
    return overlay(fill(I, TWO, mapply(vfrontier, ofcolor(I, TWO))), replace(extend_ends(continue_rows(I)), TWO, ZERO))


def solve_1a07d186(S, I, C):
    return dock_lone(I)


def solve_1b2d62fb(S, I, C):
    return fill(canvas(EIGHT, output_shape(S)), ZERO, ofcolor(vacant_all(compartments(I)), ZERO))


def solve_1b60fb0c(S, I, C):
    return learn_colors(S, complete_rotation, I)


def solve_1bfc4729(S, I, C):
    x1 = mend_rows(I, ZERO)
    return paint(shoot_cross(x1), mapply(core, objects(x1, F, T, F)))


def solve_1c786137(S, I, C):
    return first(frame_insides(I))


def solve_1caeab9d(S, I, C):
    return align(I, ONE, DOWN)


def solve_1cf80156(S, I, C):
    return cut_to_cells(I)


def solve_1e0a9b12(S, I, C):
    return fall(I, DOWN)


def solve_1e32b0e9(S, I, C):
    return fill(fill_boxes(I, main_color(I)), ZERO, ofcolor(share_fields(I), ZERO))


def solve_1f642eb9(S, I, C):
    return mark_nearest(I, EIGHT)


def solve_1f85a75f(S, I, C):
    return cut_color(I, leastcolor(I))


def solve_1f876c06(S, I, C):
    return join_diagonals(I)


def solve_2013d3e2(S, I, C):
    return stamp_lone(crop(I, UNITY, output_shape(S)), I)


def solve_2204b7a8(S, I, C):
    return fill(shoot_cross(drop_lone(I)), ZERO, ofcolor(I, ZERO))


def solve_22168020(S, I, C):
    return join_lines(I)


def solve_2281f1f4(S, I, C):
    return paint(fill(I, TWO, largest_rectangle(I, ZERO)), merge(frontiers(I)))


def solve_228f6490(S, I, C):
    x1 = color_rank(I, THREE)
    return fill(fill(drop_rare_color(fill_enclosed(I, x1)), ZERO, ofcolor(I, x1)), leastcolor(shoot_cross(I)), difference(enclosed(I), largest_rectangle(join_lines(I), FIVE)))


def solve_22eb0ac0(S, I, C):
    return join_lines(I)


def solve_23581191(S, I, C):
    return fill(shoot_cross(I), TWO, toindices(hmirror(merge(fgpartition(I)))))


def solve_239be575(S, I, C):
    return fill(canvas(ZERO, UNITY), EIGHT, normalize(ofcolor(I, leastcolor(I))))


def solve_23b5c85d(S, I, C):
    return cut_color(I, leastcolor(I))


def solve_253bf280(S, I, C):
    return learn_colors(S, join_lines, I)


def solve_25d487eb(S, I, C):
    return fill(fill(I, leastcolor(I), largest_rectangle(I, ZERO)), ZERO, ofcolor(cross_lines(I, ONE), ZERO))


def solve_25d8a9c8(S, I, C):
    return fill(drop_at_edge(I), FIVE, toindices(merge(frontiers(I))))


def solve_25ff71a9(S, I, C):
    return move(I, asobject(I), DOWN)


def solve_272f95fa(S, I, C):
    return fill(fill(fill(fill(join_with(I, ONE, RIGHT), SIX, enclosed(I)), THREE, compartment_at(I, RIGHT)), TWO, compartment_at(I, UP)), FOUR, compartment_at(I, LEFT))


def solve_27a28665(S, I, C):
    return fill(fill(fill(canvas(SIX, UNITY), THREE, free_shape(I)), ONE, ofcolor(I, mostcolor(I))), TWO, mapply(rim, fgpartition(I)))


def solve_28bf18c6(S, I, C):
    return drop_empty_lines(hconcat(I, I))


def solve_29623171(S, I, C):
    return fill_fullest(I)


def solve_29ec7d0e(S, I, C):
    return mend_period(I, ZERO)


def solve_2bcee788(S, I, C):
    return overlay(canvas(THREE, shape(I)), fold_out(I, TWO))


def solve_2c608aff(S, I, C):
    return unrank_colors(reach(rank_colors(I, I), ONE), I)


def solve_2dc579da(S, I, C):
    return odd_one(compartments(I))


def solve_2dee498d(S, I, C):
    return first(split_squares(I))


def solve_31aa019c(S, I, C):
    return surround(keep_rare_color(I), TWO)


def solve_321b1fc6(S, I, C):
    return replace_marks(I, EIGHT)


def solve_32597951(S, I, C):
    return fill(I, THREE, delta(ofcolor(I, EIGHT)))


def solve_3345333e(S, I, C):
    return mend_symmetry(I, leastcolor(I))


def solve_3428a4f5(S, I, C):
    return fill(canvas(THREE, output_shape(S)), ZERO, ofcolor(lone_all(halves(I)), ZERO))


def solve_3618c87e(S, I, C):
    return reflect_at(I, FIVE)


def solve_3631a71a(S, I, C):
    return mend_symmetry(I, NINE)


def solve_36d67576(S, I, C):
    return complete_copies(I)


def solve_3906de3d(S, I, C):
    return fall(I, UP)


def solve_39a8645d(S, I, C):
    return most_frequent_by(group_pictures(I), mostcolor)


def solve_3aa6fb7a(S, I, C):
    return fill_boxes(I, ONE)


def solve_3ac3eb23(S, I, C):
    return grow_diagonally(smear_striped(I, ZERO, DOWN))


def solve_3af2c5a8(S, I, C):
    return kaleidoscope(I)


def solve_3bd67248(S, I, C):
    x1 = shape(I)
    return overlay(fill(fill(canvas(TWO, x1), ZERO, ofcolor(vmirror(smear(I, UNITY)), ZERO)), ZERO, ofcolor(smear(I, UP_RIGHT), ZERO)), smear(fill(I, FOUR, ineighbors(x1)), LEFT))


def solve_3bdb4ada(S, I, C):
    return perforate(I)


def solve_3befdf3e(S, I, C):
    x1 = grow(I)
    return overlay(overlay(fill(shoot_cross(keep_largest(I)), ZERO, ofcolor(dissolve(grow(x1), FOUR), ZERO)), x1), switch(I, leastcolor(I), main_color(I)))


def solve_3c9b0459(S, I, C):
    return rot180(I)


def solve_3de23699(S, I, C):
    return stamp_cells(trim(cut_to_cells(I)), first(group_pictures(I)))


def solve_40853293(S, I, C):
    return join_lines(I)


def solve_41e4d17e(S, I, C):
    return overlay(I, cross_lines(keep_rare_color(I), SIX))


def solve_4258a5f9(S, I, C):
    return surround(I, ONE)


def solve_42a50994(S, I, C):
    return drop_lone(I)


def solve_4347f46a(S, I, C):
    return paint_core(I, ZERO)


def solve_444801d8(S, I, C):
    x1 = rank_colors(I, I)
    x2 = beside_boxes(x1, UP)
    return unrank_colors(overlay(fill(fill(color_groups(fill_boxes(x1, TWO), leastcolor), THREE, x2), TWO, intersection(mapply(outbox, fgpartition(x1)), x2)), reach(reach(x1, ONE), ONE)), I)


def solve_445eab21(S, I, C):
    return unrank_colors(canvas(ONE, TWO_BY_TWO), I)


def solve_447fd412(S, I, C):
    return complete_copies(I)


def solve_44d8ac46(S, I, C):
    return fill(I, TWO, mfilter(gaps(I), square))


def solve_44f52bb0(S, I, C):
    return fill(canvas(SEVEN, UNITY), ONE, largest_rectangle(I, mostcolor(I)))


def solve_46442a0e(S, I, C):
    return pinwheel(I)


def solve_46f33fce(S, I, C):
    x1 = upscale(I, TWO)
    return paint(paint(upscale(grow(I), TWO), shift(asobject(grow(x1)), LEFT)), shift(asobject(grow_around(x1)), NEG_UNITY))


def solve_47c1f68c(S, I, C):
    x1 = main_color(I)
    x2 = drop_separators(complete_rotation(I))
    return fill(fill(fill(fill(cellwise(drop_separators(rank_by_size(I)), I, x1), x1, compartment_at(I, DOWN)), x1, free_shape(x2)), index(I, THREE_BY_THREE), difference(ofcolor(x2, leastcolor(keep_holed(I))), ofcolor(shoot_diagonals(drop_separators(I)), leastcolor(hole_sizes(I))))), ZERO, ofcolor(drop_separators(symmetrize(I)), ZERO))


def solve_48d8fb45(S, I, C):
    return first(color_pictures(argmax(group_pictures(I), leastcolor)))


def solve_4938f0c2(S, I, C):
    return mirror_around(I, ofcolor(I, THREE))


def solve_496994bd(S, I, C):
    return symmetrize(I)


def solve_4be741c5(S, I, C):
    return drop_repeats(mend_noise(I))


def solve_4c4377d9(S, I, C):
    return vconcat(hmirror(I), I)


def solve_4c5c2cf0(S, I, C):
    x1 = rank_colors(I, I)
    return unrank_colors(mirror_around(x1, ofcolor(x1, TWO)), I)


def solve_508bd3b6(S, I, C):
    return ricochet(I, THREE)


def solve_50cb2852(S, I, C):
    return paint_core(I, EIGHT)


def solve_5117e062(S, I, C):
    return tint_by(overlay_around(I, EIGHT), most_frequent_by(part_pictures(I), asobject))


def solve_543a7ed5(S, I, C):
    x1 = mostcolor(I)
    x2 = switch(I, ZERO, x1)
    return switch(fill(surround(x2, THREE), FOUR, enclosed(x2)), ZERO, x1)


def solve_54d82841(S, I, C):
    return fill(I, FOUR, difference(ofcolor(fall_objects(I, DOWN), ZERO), ofcolor(fall(I, DOWN), ZERO)))


def solve_54d9e175(S, I, C):
    return learn_colors(S, fill_fullest, I)


def solve_5521c0d9(S, I, C):
    return hop(I, UP)


def solve_5582e5ca(S, I, C):
    return flood_fields(I)


def solve_5614dbcf(S, I, C):
    return shrink(I, output_shape(S))


def solve_56dc2b01(S, I, C):
    x1 = pull(I, TWO)
    return overlay(fill(fill(keep_blocks(I), EIGHT, mapply(outbox, objects(x1, F, T, T))), ZERO, mapply(outbox, fgpartition(I))), x1)


def solve_56ff96f3(S, I, C):
    return paint(I, mapply(block, fgpartition(I)))


def solve_5bd6f4ac(S, I, C):
    return put(I, output_shape(S), UP_RIGHT)


def solve_5c0a986e(S, I, C):
    return overlay(beam(I, TWO, UNITY), beam(I, ONE, NEG_UNITY))


def solve_60b61512(S, I, C):
    return fill_boxes(I, SEVEN)


def solve_6150a2bd(S, I, C):
    return rot180(I)


def solve_623ea044(S, I, C):
    return shoot_diagonals(I)


def solve_62c24649(S, I, C):
    return kaleidoscope(I)


def solve_6430c8c4(S, I, C):
    return fill(canvas(THREE, output_shape(S)), ZERO, ofcolor(vacant_all(compartments(I)), ZERO))


def solve_6455b5f5(S, I, C):
    return fill(fill(I, ONE, largest_rectangle(I, ZERO)), EIGHT, merge(smallest_members(gaps(I))))


def solve_662c240a(S, I, C):
    return odd_one_by(split_squares(I), symmetric)


def solve_67385a82(S, I, C):
    return learn_colors(S, drop_smallest, I)


def solve_6773b310(S, I, C):
    return fill(canvas(ONE, output_shape(S)), ZERO, ofcolor(compartment_colors(fill_fullest(I)), ZERO))


def solve_67a3c6ac(S, I, C):
    return vmirror(I)


def solve_67a423a3(S, I, C):
    return fill(I, FOUR, mapply(neighbors, mapply(delta, fgpartition(I))))


def solve_67e8384a(S, I, C):
    return kaleidoscope(I)


def solve_681b3aeb(S, I, C):
    x1 = rank_colors(I, I)
    return unrank_colors(fill(shoot_cross(overlay_around(x1, ZERO)), TWO, difference(mapply(vfrontier, largest_rectangle(x1, ZERO)), normalize(ofcolor(x1, ONE)))), I)


def solve_6855a6e4(S, I, C):
    return reflect_at(I, TWO)


def solve_68b16354(S, I, C):
    return hmirror(I)


def solve_694f12f3(S, I, C):
    return fill(paint_core(I, ONE), TWO, core(largest_rectangle(I, FOUR)))


def solve_6aa20dc0(S, I, C):
    return unrank_colors(complete_copies(rank_colors(I, I)), I)


def solve_6c434453(S, I, C):
    x1 = enclosed(I)
    return fill(fill(first_colored(I, keep_largest(I)), TWO, x1), TWO, mapply(dneighbors, x1))


def solve_6cdd2623(S, I, C):
    return mend_rows(join_lines(keep_rare_color(I)), TWO)


def solve_6cf79266(S, I, C):
    x1 = mostcolor(I)
    x2 = switch(I, ZERO, x1)
    return switch(fill(paint_core(x2, ONE), ONE, difference(halo(mapply(core, fgpartition(x2))), halo(largest_rectangle(x2, SEVEN)))), ZERO, x1)


def solve_6d0aefbc(S, I, C):
    return tile_mirrored(I, output_shape(S))


def solve_6d75e8bb(S, I, C):
    return fill_boxes(I, TWO)


def solve_6e82a1ae(S, I, C):
    return rank_by_size(I)


def solve_6f8cd79b(S, I, C):
    return paint_edge(I, EIGHT)


def solve_6fa7a44f(S, I, C):
    return tile_mirrored(I, output_shape(S))


def solve_72322fa7(S, I, C):
    return complete_copies(I)


def solve_72ca375d(S, I, C):
    return extract(group_pictures(I), symmetric)


def solve_73251a56(S, I, C):
    return overlay(dmirror(stretch(I, NEG_UNITY)), I)


def solve_7468f01a(S, I, C):
    return vmirror(cut_to_cells(I))


def solve_746b3537(S, I, C):
    return drop_repeats(I)


def solve_74dd1130(S, I, C):
    return dmirror(I)


def solve_75b8110e(S, I, C):
    return overlay(overlay_ordered(quarters(I), FOUR), tophalf(righthalf(I)))


def solve_776ffc46(S, I, C):
    return fill(I, leastcolor(I), difference(ofcolor(keep_common_shape(I), ONE), mapply(vfrontier, ofcolor(I, THREE))))


def solve_780d0b14(S, I, C):
    return compartment_colors(I)


def solve_794b24be(S, I, C):
    return fill(fill(canvas(TWO, shape(I)), ZERO, ofcolor(paint_skin(shoot_cross(I), ZERO), ZERO)), TWO, asindices(colored_row(I)))


def solve_7b6016b9(S, I, C):
    return learn_colors(S, flood_enclosed, I)


def solve_7b7f7511(S, I, C):
    return tile_of(I)


def solve_7ddcd7ec(S, I, C):
    return extend_ends(I)


def solve_7e0986d6(S, I, C):
    return dissolve(I, leastcolor(I))


def solve_7f4411dc(S, I, C):
    return keep_blocks(I)


def solve_7fe24cdd(S, I, C):
    return pinwheel(I)


def solve_80af3007(S, I, C):
    x1 = downscale(cut_to_cells(I), THREE)
    return stamp_cells(x1, x1)


def solve_810b9b61(S, I, C):
    return learn_colors(S, keep_holed, I)


def solve_83302e8f(S, I, C):
    return fill(replace(I, ZERO, FOUR), THREE, merge(smallest_members(gaps(I))))


def solve_868de0fa(S, I, C):
    return fill(fill_enclosed(I, TWO), SEVEN, enclosed(perforate(I)))


def solve_88a10436(S, I, C):
    return replace_lone(I)


def solve_88a62173(S, I, C):
    return odd_one(compartments(I))


def solve_8a004b2b(S, I, C):
    x1 = fill_fullest(cut_color(I, FOUR))
    return paint(paint(fill(fill(fill(x1, leastcolor(shoot_cross(I)), largest_rectangle(vmirror(I), ZERO)), ZERO, ofcolor(x1, ZERO)), ONE, silhouette(complete_copies(I))), mapply(skin, objects(cut_border(keep_common_shape(I)), T, T, F))), normalize(mapply(hull, objects(I, F, T, T))))


def solve_8be77c9e(S, I, C):
    return tile_mirrored(I, output_shape(S))


def solve_8d5021e8(S, I, C):
    x1 = mostcolor(I)
    x2 = switch(I, ZERO, x1)
    return switch(paint(stamp_cells(x2, x2), asobject(kaleidoscope(kaleidoscope(rot180(x2))))), ZERO, x1)


def solve_8d510a79(S, I, C):
    x1 = reach(I, FIVE)
    return fill(fill(fill(extend_ends(fill(I, TWO, initset(UNITY))), TWO, ofcolor(x1, TWO)), ONE, intersection(ofcolor(x1, ZERO), ofcolor(stretch(I, DOWN), ONE))), ZERO, beside_boxes(I, DOWN_LEFT))


def solve_8eb1be9a(S, I, C):
    return overlay(continue_box(I, UP), continue_box(I, DOWN))


def solve_90c28cc7(S, I, C):
    return cut_to_cells(drop_repeats(I))


def solve_913fb3ed(S, I, C):
    return learn_colors(S, grow_around, I)


def solve_91714a58(S, I, C):
    return keep_blocks(I)


def solve_9172f3a0(S, I, C):
    return upscale(I, THREE)


def solve_928ad970(S, I, C):
    return fill(I, main_color(I), inbox(merge(fgpartition(I))))


def solve_941d9a10(S, I, C):
    return fill(fill(fill_fullest(fill_first(I, ONE, ONE)), TWO, compartment_at(I, ORIGIN)), THREE, compartment_at(I, UNITY))


def solve_94f9d214(S, I, C):
    return fill(canvas(TWO, output_shape(S)), ZERO, ofcolor(vacant_all(halves(I)), ZERO))


def solve_952a094c(S, I, C):
    return fill(fill(mend_period(join_lines(I), ZERO), ZERO, mapply(rim, objects(I, F, T, T))), ZERO, ofcolor(keep_blocks(grow_around(I)), ZERO))


def solve_9565186b(S, I, C):
    return fill(I, FIVE, toindices(merge(fgpartition(I))))


def solve_95990924(S, I, C):
    return fill(fill(fill(fill(I, FOUR, beside_boxes(I, UNITY)), ONE, beside_boxes(I, NEG_UNITY)), TWO, beside_boxes(I, UP_RIGHT)), THREE, beside_boxes(I, DOWN_LEFT))


def solve_963e52fc(S, I, C):
    x1 = hconcat(I, keep_largest(I))
    return paint(paint(overlay(mend_noise(hconcat(I, reflect_at(I, THREE))), replace_marks(x1, TWO)), argmax(objects(x1, F, F, T), leastcolor)), asobject(hconcat(tile_of(I), I)))


def solve_97999447(S, I, C):
    return smear_striped(I, FIVE, RIGHT)


def solve_99b1bc43(S, I, C):
    return fill(canvas(THREE, output_shape(S)), ZERO, ofcolor(lone_all(halves(I)), ZERO))


def solve_99fa7670(S, I, C):
    x1 = continue_rows(I)
    return overlay(paint(fall(x1, UNITY), shift(merge(frontiers(I)), LEFT)), x1)


def solve_9aec4887(S, I, C):
    x1 = group_pictures(I)
    x2 = overlay_centered(x1)
    return fill(fill(overlay(x2, stretch(argmax(x1, leastcolor), UP_RIGHT)), EIGHT, shoot(UNITY, UNITY)), ZERO, ofcolor(x2, ZERO))


def solve_9af7a82c(S, I, C):
    return histogram(I)


def solve_9dfd6313(S, I, C):
    return dmirror(I)


def solve_9ecd008a(S, I, C):
    return changed_part(I, complete_rotation(I))


def solve_9edfc990(S, I, C):
    return flood(I, ONE)


def solve_9f236235(S, I, C):
    return vmirror(compartment_colors(I))


def solve_a2fd1cf0(S, I, C):
    return fill(paint(I, first(objects(keep_largest(cross_lines(I, EIGHT)), T, F, T))), ZERO, ofcolor(paint(I, block(merge(fgpartition(I)))), ZERO))


def solve_a3df8b1e(S, I, C):
    return bounce(I, NEG_UNITY)


def solve_a416b8f3(S, I, C):
    return hconcat(I, I)


def solve_a48eeaf7(S, I, C):
    return attract(I, TWO)


def solve_a5313dff(S, I, C):
    return fill_enclosed(I, ONE)


def solve_a5f85a15(S, I, C):
    return overlay(paint_skin(I, FOUR), keep_columns(I, TWO))


def solve_a61f2674(S, I, C):
    return fill(fill(canvas(TWO, shape(I)), ZERO, ofcolor(keep_greatest(I, ulcorner), ZERO)), ONE, largest_rectangle(I, FIVE))


def solve_a65b410d(S, I, C):
    return overlay(fill(fill(canvas(THREE, shape(I)), ONE, ofcolor(smear(I, DOWN_LEFT), TWO)), ZERO, ofcolor(stretch(fill_first(I, THREE, FIVE), UP_RIGHT), ZERO)), I)


def solve_a68b268e(S, I, C):
    x1 = compartments(I)
    return overlay(overlay_ordered(x1, FIVE), first(x1))


def solve_a699fb00(S, I, C):
    return join_with(I, TWO, RIGHT)


def solve_a740d043(S, I, C):
    return cut_to_cells(keep_parts(I, rectangular))


def solve_a79310a0(S, I, C):
    return fill(drop_smallest(I), TWO, shift(ofcolor(I, EIGHT), DOWN))


def solve_a85d4709(S, I, C):
    return fill(fill(cellwise(repeat(new_colors(S), THREE), replace(I, ZERO, THREE), FOUR), THREE, ofcolor(cellwise(I, vmirror(I), TWO), TWO)), TWO, ofcolor(hupscale(I, THREE), FIVE))


def solve_a87f7484(S, I, C):
    return cut_color(I, main_color(I))


def solve_a8d7556c(S, I, C):
    x1 = mostcolor(I)
    x2 = switch(I, ZERO, x1)
    return switch(overlay(cellwise(x2, first_colored(x2, keep_blocks(x2)), TWO), keep_parts(fill(x2, TWO, largest_rectangle(x2, FIVE)), vline)), ZERO, x1)


def solve_a9f96cdd(S, I, C):
    return fill(fill(fill(fill(drop_lone(I), SIX, beside_boxes(I, UP_RIGHT)), EIGHT, beside_boxes(I, DOWN_LEFT)), THREE, beside_boxes(I, NEG_UNITY)), SEVEN, beside_boxes(I, UNITY))


def solve_aabf363d(S, I, C):
    return fill(drop_lone(I), leastcolor(I), ofcolor(I, main_color(I)))


def solve_ac0a08a4(S, I, C):
    return upscale(I, cell_count(I))


def solve_ae3edfdc(S, I, C):
    return gather(gather(I, ONE), TWO)


def solve_aedd82e4(S, I, C):
    return learn_colors(S, drop_smallest, I)


def solve_af902bf9(S, I, C):
    return fill(I, TWO, enclosed(join_lines(I)))


def solve_b1948b0a(S, I, C):
    return recolor_by(I, color_map(S))


def solve_b230c067(S, I, C):
    return rank_by_size(I)


def solve_b27ca6d3(S, I, C):
    return overlay(fill(canvas(THREE, shape(I)), ZERO, ofcolor(grow_around(keep_largest(I)), ZERO)), I)


def solve_b2862040(S, I, C):
    return learn_colors(S, hole_counts, I)


def solve_b548a754(S, I, C):
    x1 = merge(fgpartition(I))
    return fill(fill(I, color_rank(I, TWO), backdrop(x1)), main_color(I), box(x1))


def solve_b60334d2(S, I, C):
    return both_colored(fill_boxes(grow_diagonally(I), ONE), drop_lone(surround(I, ONE)))


def solve_b6afb2da(S, I, C):
    return fill(fill(replace(paint_skin(I, FOUR), FIVE, TWO), ONE, mapply(corners, objects(I, T, T, F))), ZERO, ofcolor(I, ZERO))


def solve_b8825c91(S, I, C):
    return mend_symmetry(I, FOUR)


def solve_b91ae062(S, I, C):
    return upscale(I, size(fgpartition(I)))


def solve_b94a9452(S, I, C):
    x1 = cut_to_cells(I)
    return fill(mend_noise(x1), leastcolor(I), ofcolor(x1, main_color(I)))


def solve_b9b7f026(S, I, C):
    return compartment_colors(keep_holed(I))


def solve_ba26e723(S, I, C):
    return learn_stripes(S, THREE, I)


def solve_ba97ae07(S, I, C):
    return paint(I, merge(fgpartition(drop_separators(I))))


def solve_bb43febb(S, I, C):
    return paint_core(I, TWO)


def solve_bc1d5164(S, I, C):
    x1 = output_shape(S)
    return overlay(paint(overlay(put(I, x1, UP_RIGHT), put(I, x1, UNITY)), merge(fgpartition(I))), put(I, x1, DOWN_LEFT))


def solve_bda2d7a6(S, I, C):
    x1 = rank_colors(I, I)
    return unrank_colors(fill(rank_by_size(keep_rare_color(x1)), TWO, ofcolor(x1, ZERO)), I)


def solve_bdad9b1f(S, I, C):
    return paint(cross_lines(I, FOUR), mapply(rbind(toobject, extend_ends(I)), frontiers(I)))


def solve_be94b721(S, I, C):
    return cut_color(I, main_color(I))


def solve_beb8660c(S, I, C):
    return fall(vmirror(sort_rows(I)), RIGHT)


def solve_c0f76784(S, I, C):
    return learn_colors(S, hole_sizes, I)


def solve_c1d99e64(S, I, C):
    return fill(I, TWO, toindices(merge(frontiers(I))))


def solve_c3e719e8(S, I, C):
    return fill(stamp_cells(I, I), ZERO, ofcolor(keep_main_color(upscale(I, THREE)), ZERO))


def solve_c3f564a4(S, I, C):
    return mend_period(I, ZERO)


def solve_c444b776(S, I, C):
    return share_fields(I)


def solve_c59eb873(S, I, C):
    return upscale(I, TWO)


def solve_c8cbb738(S, I, C):
    return unrank_colors(overlay_centered(color_pictures(rank_colors(I, I))), I)


def solve_c8f0f002(S, I, C):
    return recolor_by(I, color_map(S))


def solve_c909285e(S, I, C):
    return cut_color(I, leastcolor(I))


def solve_c9e6f938(S, I, C):
    return tile_mirrored(I, output_shape(S))


def solve_c9f8e694(S, I, C):
    return carry(I, RIGHT)


def solve_cbded52d(S, I, C):
    x1 = rank_colors(I, I)
    return unrank_colors(overlay(fill(join_lines(keep_lone(x1)), ZERO, ofcolor(share_fields(x1), ZERO)), x1), I)


def solve_cce03e0d(S, I, C):
    return fill(stamp_cells(I, I), ZERO, ofcolor(upscale(I, THREE), ONE))


def solve_ce22a75a(S, I, C):
    return learn_colors(S, grow_around, I)


def solve_ce4f8723(S, I, C):
    x1 = paint_skin(I, THREE)
    return overlay(tophalf(x1), bottomhalf(x1))


def solve_ce9e57f2(S, I, C):
    return paint_half(I, EIGHT, DOWN)


def solve_cf98881b(S, I, C):
    return overlay_ordered(compartments(I), FIVE)


def solve_d037b0a7(S, I, C):
    return smear(I, DOWN)


def solve_d0f5fe59(S, I, C):
    return fill(upscale(canvas(ZERO, UNITY), group_count(I)), EIGHT, shoot(NEG_UNITY, UNITY))


def solve_d10ecb37(S, I, C):
    return tile(I, output_shape(S))


def solve_d13f3404(S, I, C):
    return smear(put(I, output_shape(S), NEG_UNITY), UNITY)


def solve_d23f8c26(S, I, C):
    x1 = rank_colors(I, I)
    return unrank_colors(paint(x1, mfilter(frontiers(argmax(part_layers(x1), symmetry_count)), portrait)), I)


def solve_d2abd087(S, I, C):
    return learn_colors(S, part_sizes, I)


def solve_d364b489(S, I, C):
    return fill(fill(fill(fill(I, TWO, beside_boxes(I, UP)), SEVEN, beside_boxes(I, LEFT)), EIGHT, beside_boxes(I, DOWN)), SIX, beside_boxes(I, RIGHT))


def solve_d406998b(S, I, C):
    return learn_stripes(S, TWO, I)


def solve_d43fd935(S, I, C):
    return reach(I, THREE)


def solve_d4a91cb9(S, I, C):
    return paint(paint(fill(I, FOUR, box(merge(fgpartition(I)))), toobject(mapply(vfrontier, ofcolor(I, TWO)), I)), toobject(mapply(hfrontier, ofcolor(I, EIGHT)), I))


def solve_d4f3cd78(S, I, C):
    return paint(fill_boxes(I, EIGHT), merge(fgpartition(shoot_cross(join_with(I, EIGHT, UNITY)))))


def solve_d511f180(S, I, C):
    return recolor_by(I, color_map(S))


def solve_d5d6de2d(S, I, C):
    return learn_colors(S, flood_enclosed, I)


def solve_d631b094(S, I, C):
    return colored_row(I)


def solve_d687bc17(S, I, C):
    return dock_lone(I)


def solve_d89b689b(S, I, C):
    return keep_largest_group(mark_nearest(I, EIGHT))


def solve_d8c310e9(S, I, C):
    return continue_rows(I)


def solve_d90796e8(S, I, C):
    return paint(fill(fill(I, EIGHT, ofcolor(color_groups(I, mostcolor), TWO)), ZERO, ofcolor(I, TWO)), mfilter(objects(I, F, F, T), square))


def solve_d9fac9be(S, I, C):
    return paint(canvas(leastcolor(I), UNITY), merge(fgpartition(I)))


def solve_dae9d2b5(S, I, C):
    x1 = paint_skin(I, SIX)
    return overlay(lefthalf(x1), righthalf(x1))


def solve_db3e9e38(S, I, C):
    return overlay(smear_striped(I, EIGHT, UP_RIGHT), smear_striped(I, EIGHT, NEG_UNITY))


def solve_dbc1a6ce(S, I, C):
    return learn_colors(S, join_lines, I)


def solve_dc0a314f(S, I, C):
    return changed_part(I, mend_symmetry(I, THREE))


def solve_dc1df850(S, I, C):
    return learn_colors(S, grow_around, I)


def solve_dc433765(S, I, C):
    return fill(drop_rare_color(I), THREE, ofcolor(attract(I, THREE), FOUR))


def solve_ddf7fa4f(S, I, C):
    return carry_parts(I, DOWN)


def solve_de1cd16c(S, I, C):
    return fill(put(I, UNITY, DOWN), TWO, ofcolor(I, THREE))


def solve_ded97339(S, I, C):
    return join_lines(I)


def solve_e179c5f4(S, I, C):
    return overlay(canvas(EIGHT, shape(I)), bounce(I, NEG_UNITY))


def solve_e21d9049(S, I, C):
    return fill(mend_period(I, ZERO), ZERO, ofcolor(shoot_cross(keep_rare_color(I)), ZERO))


def solve_e26a3af2(S, I, C):
    return mend_noise(I)


def solve_e3497940(S, I, C):
    return paint(lefthalf(vmirror(I)), merge(fgpartition(I)))


def solve_e40b9e2f(S, I, C):
    return complete_rotation(I)


def solve_e50d258f(S, I, C):
    return argmin(group_pictures(I), leastcolor)


def solve_e76a88a6(S, I, C):
    return copy_looks(I)


def solve_e8593010(S, I, C):
    x1 = mostcolor(I)
    return switch(switch(part_sizes(switch(I, ZERO, x1)), ONE, THREE), ZERO, x1)


def solve_e98196ab(S, I, C):
    return overlay_all(compartments(I))


def solve_e9afcf9a(S, I, C):
    return overlay(hmirror(I), keep_columns(I, TWO))


def solve_ea32f347(S, I, C):
    return learn_colors(S, rank_by_size, I)


def solve_ea786f4a(S, I, C):
    return unrank_colors(shoot_diagonals(rank_colors(I, I)), I)


def solve_eb281b96(S, I, C):
    return unfold(unfold(I, DOWN), DOWN)


def solve_eb5a1d5d(S, I, C):
    return drop_repeats(I)


def solve_ed36ccf7(S, I, C):
    return rot270(I)


def solve_ef135b50(S, I, C):
    return paint(join_with(I, NINE, RIGHT), mapply(skin, objects(I, F, T, F)))


def solve_f25fbde4(S, I, C):
    return upscale(cut_to_cells(I), TWO)


def solve_f25ffba3(S, I, C):
    return overlay(hmirror(I), I)


def solve_f2829549(S, I, C):
    return fill(canvas(THREE, output_shape(S)), ZERO, ofcolor(vacant_all(compartments(I)), ZERO))


def solve_f5b8619d(S, I, C):
    x1 = tile_times(I, TWO)
    return paint(replace(x1, ZERO, EIGHT), mfilter(frontiers(x1), portrait))


def solve_f76d97a5(S, I, C):
    return fill(mend_period(I, FIVE), ZERO, ofcolor(I, other(palette(I), FIVE)))


def solve_f8a8fe49(S, I, C):
    return reflect_at(I, TWO)


def solve_f8b3ba0a(S, I, C):
    return cut_border(color_ranking(I))


def solve_f8ff0b80(S, I, C):
    return color_ranking(I)


def solve_f9012d9b(S, I, C):
    x1 = mostcolor(I)
    x2 = switch(I, ZERO, x1)
    return switch(changed_part(x2, mend_noise(x2)), ZERO, x1)


def solve_fafffa47(S, I, C):
    return fill(canvas(TWO, output_shape(S)), ZERO, ofcolor(vacant_all(halves(I)), ZERO))


def solve_fcb5c309(S, I, C):
    return paint_skin(first(rectangles(I)), leastcolor(I))


def solve_ff28f65a(S, I, C):
    return fill(fill(fill(fill(canvas(ZERO, output_shape(S)), ONE, ofcolor(I, leastcolor(cut_to_cells(I)))), ONE, ofcolor(lefthalf(I), ZERO)), ZERO, ofcolor(pour(I, shape(I)), ZERO)), ZERO, dneighbors(UNITY))


def solve_ff805c23(S, I, C):
    x1 = rank_colors(I, I)
    return unrank_colors(changed_part(x1, mend_symmetry(x1, leastcolor(x1))), I)
