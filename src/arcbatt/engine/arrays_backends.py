"""Array libraries behind one interface, and the devices that each of them sees.

Nothing is imported before a backend is opened: NumPy, PyTorch and CuPy are all optional.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import Any

from arcbatt.errors import ArrayBackendError

CPU_BYTES = 4 * 2**20
"""Larger batches are no faster: what a batch computes should still be in the cache."""
GPU_BYTES = 512 * 2**20

INSTALL = "pip install 'arcbatt[arrays]'"


@dataclass(frozen=True)
class ArrayBackend:
    """An array library with its devices.

    Attributes:
        name: of the backend.
        xp: the library's namespace in the form of the array API standard.
        devices: all that work is spread over, at least one.
        to_host: returns an array of any of them as one of NumPy.
        memory_bytes: that one batch may take on one device.
        use: returns a context in which a device is the current one.
    """

    name: str
    xp: Any
    devices: tuple[Any, ...]
    to_host: Callable[[Any], Any]
    memory_bytes: int = CPU_BYTES
    use: Callable[[Any], AbstractContextManager[Any]] = nullcontext


def open_arrays(name: str) -> ArrayBackend:
    """Return a backend by name: one of `BACKENDS`.

    Raises ArrayBackendError if it is unknown, not installed, or sees no device.
    """
    if name not in BACKENDS:
        raise ArrayBackendError(
            backend=name, problem=f"unknown, expected one of {', '.join(BACKENDS)}"
        )
    return BACKENDS[name]()


def _open_numpy() -> ArrayBackend:
    numpy = _import("numpy", "numpy", INSTALL)
    return ArrayBackend("numpy", _standard("numpy"), ("cpu",), numpy.asarray)


def _open_torch() -> ArrayBackend:
    torch = _import("torch", "torch", f"{INSTALL} torch")
    xp = _standard("torch")
    devices = tuple(torch.device("cuda", index) for index in range(torch.cuda.device_count()))

    def to_host(array: Any) -> Any:
        return array.cpu().numpy()

    if not devices:
        return ArrayBackend("torch", xp, (torch.device("cpu"),), to_host)
    return ArrayBackend("torch", xp, devices, to_host, GPU_BYTES)


def _open_cupy() -> ArrayBackend:
    cupy = _import("cupy", "cupy", f"{INSTALL} and the cupy of your CUDA, such as cupy-cuda12x")
    xp = _standard("cupy")
    try:
        count = cupy.cuda.runtime.getDeviceCount()
    except RuntimeError as error:
        raise ArrayBackendError(backend="cupy", problem=f"sees no GPU: {error}") from error
    if not count:
        raise ArrayBackendError(backend="cupy", problem="sees no GPU")
    devices = tuple(map(cupy.cuda.Device, range(count)))
    # CuPy computes on the current device, wherever the arrays lie.
    return ArrayBackend("cupy", xp, devices, cupy.asnumpy, GPU_BYTES, use=lambda device: device)


BACKENDS: dict[str, Callable[[], ArrayBackend]] = {
    "numpy": _open_numpy,
    "torch": _open_torch,
    "cupy": _open_cupy,
}
"""How each backend is opened."""


def _standard(name: str) -> ModuleType:
    """Return a library in the form of the standard."""
    return _import(name, f"array_api_compat.{name}", INSTALL)


def _import(backend: str, module: str, install: str) -> ModuleType:
    try:
        return import_module(module)
    except (ImportError, OSError) as error:  # OSError: one of its own libraries is missing
        raise ArrayBackendError(
            backend=backend,
            problem=f"{module} can't be imported ({error}); to install it: {install}",
        ) from error
