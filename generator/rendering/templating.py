"""The Jinja environment: values that can't break YAML, and errors that name the template and its line.

A repository brings templates of its own, and a pull request may bring a stranger's, which CI then renders. So every
template is filled in Jinja's immutable sandbox: it sees the values that it is filled with and nothing of Python behind
them, calls nothing but texts' and Jinja's own functions, includes no file that lies outside its folder, and can't fill
the memory.
"""

from __future__ import annotations

import contextlib
import functools
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2
from jinja2.exceptions import SecurityError
from jinja2.runtime import BlockReference, LoopContext, Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Cycler, Joiner, Namespace

import generator
from generator.errors import InputError, OutsideError, Place
from generator.rendering import memory
from generator.text import yaml as yaml_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from generator.platforms.base import Sheet


MOST_CHARACTERS = 16 << 20
"""Of one document; the API server takes no request over 3 MiB."""
_MOST_POWER = 1000
_WIDE = re.compile("[0-9]{5}")
_FILLERS = frozenset(("center", "expandtabs", "ljust", "rjust", "zfill"))
"""Methods of texts that make as much of them as they are told to."""
_MAY_BE_CALLED = (str, dict, list, tuple, int, float, BlockReference, Cycler, Joiner, LoopContext, Macro, Namespace)


def builtin_templates() -> Path:
    """The folder of our templates: inside the installed package, or beside it in a checkout."""
    package = Path(generator.__file__).parent
    installed = package / "_templates"
    return installed if installed.is_dir() else package.parent / "templates"


@functools.cache
def environment_of(overrides: Path | None) -> jinja2.Environment:
    """The Jinja environment; the same folder gives the same one, its templates compiled once."""
    folders = [builtin_templates()] if overrides is None else [overrides, builtin_templates()]
    made = _Sandbox(
        loader=_Loader(folders, encoding="utf-8-sig"),
        undefined=jinja2.StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
        autoescape=False,
    )
    made.filters["block"] = yaml_text.block
    made.filters["literal"] = yaml_text.literal
    return made


def fill(environment: jinja2.Environment, sheet: Sheet) -> str:
    """A sheet's template, filled with what the sheet holds.

    Raises:
        InputError: The template is wrong, at its line, or it isn't there.
        OutsideError: It can't be read.
    """
    try:
        with memory.bounded() if _strangers(environment) else contextlib.nullcontext():
            template = environment.get_template(sheet.template)
            return _bounded(template.generate(sheet.context), Place(template.filename or sheet.template))
    except jinja2.TemplateNotFound as error:
        place = _place_in_template(error, sheet.template) or Place(sheet.template)
        raise InputError(f"there is no template {error.name or error.message}.", place=place) from None
    except jinja2.TemplateSyntaxError as error:
        place = Place(error.filename or error.name or sheet.template, error.lineno)
        raise InputError(f"the template is wrong: {error.message}.", place=place) from None
    except RecursionError as error:
        raise _at_its_line(error, sheet, "it includes itself without end") from None
    except MemoryError as error:
        message = f"it takes more than {memory.MOST_GROWTH >> 20} MB of memory"
        raise _at_its_line(error, sheet, message) from None
    except (jinja2.TemplateError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError) as error:
        raise _at_its_line(error, sheet, str(error)) from None


def _strangers(environment: jinja2.Environment) -> bool:
    """Whether a folder of overrides stands before ours."""
    return isinstance(environment.loader, _Loader) and len(environment.loader.searchpath) > 1


def _bounded(pieces: Iterable[str], place: Place) -> str:
    """What a template writes, as far as it can be a manifest.

    Raises:
        InputError: It is more.
    """
    kept, size = [], 0
    for piece in pieces:
        size += len(piece)
        if size > MOST_CHARACTERS:
            raise InputError(f"the template writes more than {MOST_CHARACTERS >> 20} MB.", place=place)
        kept.append(piece)
    return "".join(kept)


def _at_its_line(error: Exception, sheet: Sheet, message: str) -> Exception:
    """An error of a template as one of the user's; one of our own stays what it is, with its traceback."""
    place = _place_in_template(error, sheet.template)
    if place is None:
        return error
    # Jinja ends some of its own sentences with a full stop.
    said = message.rstrip(".")
    return InputError(f"the template can't be filled for {sheet.kind} {sheet.name}: {said}.", place=place)


def _place_in_template(error: BaseException, template: str) -> Place | None:
    """The last line of a template that an error passed through; None where none did, so that our own bugs stay bugs."""
    place, trace = None, error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if file.endswith(".j2") or file == "<template>":
            place = Place(template if file == "<template>" else file, trace.tb_lineno)
        trace = trace.tb_next
    return place


def _finalize(value: Any) -> Any:
    """A value on its way into the text. An undefined one goes on, and raises with its name when it is printed."""
    return value if isinstance(value, jinja2.Undefined) else yaml_text.scalar(value)


class _Sandbox(ImmutableSandboxedEnvironment):
    """Jinja's sandbox, without calls of what our own objects can do, and without products that fill the memory."""

    intercepted_binops = frozenset(("*", "**", "%"))

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Whether a template may see an attribute: values, and the methods of texts, lists and mappings.

        A path among the values could write files.
        """
        harmless = not callable(value) or (isinstance(obj, _MAY_BE_CALLED) and attr not in _FILLERS)
        return harmless and super().is_safe_attribute(obj, attr, value)

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """A product, a power or a format, unless it is longer than any manifest.

        Raises:
            SecurityError: It is.
        """
        sizes = [len(each) if isinstance(each, (str, bytes, list, tuple)) else each for each in (left, right)]
        whole = all(isinstance(size, int) for size in sizes)
        if operator == "**" and whole and abs(sizes[0]) > 1 and sizes[1] > _MOST_POWER:
            raise SecurityError(f"the power {sizes[1]} is too large")
        if operator == "*" and whole and abs(sizes[0] * sizes[1]) > MOST_CHARACTERS and sizes != [left, right]:
            raise SecurityError("the product is longer than any manifest")
        if operator == "%" and isinstance(left, str) and _WIDE.search(left):
            raise SecurityError("the width is larger than any manifest's line")
        return super().call_binop(context, operator, left, right)


class _Loader(jinja2.FileSystemLoader):
    """Reads templates, and says which one can't be read."""

    def get_source(self, environment: jinja2.Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        """A template's text, its path, and whether that is still its text.

        Raises:
            InputError: It is no text in UTF-8.
            OutsideError: It can't be read.
        """
        try:
            source = super().get_source(environment, template)
            self._refuse_outside(source[1])
        except jinja2.TemplateNotFound:
            raise  # it is an OSError, too
        except UnicodeDecodeError as error:
            message = f"the template is not UTF-8 at byte {error.start}."
            raise InputError(message, fix="Save it as UTF-8.", place=Place(self._path(template))) from None
        except OSError as error:
            raise OutsideError(f"can't be read: {error.strerror}.", place=Place(self._path(template))) from None

        else:
            return source

    def _refuse_outside(self, file: str) -> None:
        """Refuse a link that leads out of the folder: what it includes would be anyone's file.

        Raises:
            InputError: It does.
        """
        real = Path(file).resolve()
        if not any(real.is_relative_to(Path(folder).resolve()) for folder in self.searchpath):
            raise InputError("this is a link out of the templates' folder.", fix="Copy the file.", place=Place(file))

    def _path(self, template: str) -> str:
        """The first file of that name."""
        paths = (Path(folder) / template for folder in self.searchpath)
        return str(next((path for path in paths if path.exists()), template))
