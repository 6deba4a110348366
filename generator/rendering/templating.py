"""The Jinja environment: values that can't break YAML, and errors that name the template and its line."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2

import generator
from generator.errors import InputError, OutsideError, Place
from generator.text import yaml as yaml_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from generator.platforms.base import Sheet


def builtin_templates() -> Path:
    """The folder of our templates: inside the installed package, or beside it in a checkout."""
    package = Path(generator.__file__).parent
    installed = package / "_templates"
    return installed if installed.is_dir() else package.parent / "templates"


@functools.cache
def environment_of(overrides: Path | None) -> jinja2.Environment:
    """The Jinja environment; the same folder gives the same one, its templates compiled once."""
    folders = [builtin_templates()] if overrides is None else [overrides, builtin_templates()]
    made = jinja2.Environment(
        loader=_Loader(folders, encoding="utf-8-sig"),
        undefined=jinja2.StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
        autoescape=False,  # noqa: S701 (the output is YAML, and finalize makes every value safe for it)
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
        return environment.get_template(sheet.template).render(sheet.context)
    except jinja2.TemplateNotFound as error:
        place = _place_in_template(error, sheet.template) or Place(sheet.template)
        raise InputError(f"there is no template {error.name or error.message}.", place=place) from None
    except jinja2.TemplateSyntaxError as error:
        place = Place(error.filename or error.name or sheet.template, error.lineno)
        raise InputError(f"the template is wrong: {error.message}.", place=place) from None
    except RecursionError as error:
        raise _at_its_line(error, sheet, "it includes itself without end") from None
    except (jinja2.TemplateError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError) as error:
        raise _at_its_line(error, sheet, str(error)) from None


def _at_its_line(error: Exception, sheet: Sheet, message: str) -> Exception:
    """An error of a template as one of the user's; one of our own stays what it is, with its traceback."""
    place = _place_in_template(error, sheet.template)
    if place is None:
        return error
    return InputError(f"the template can't be filled for {sheet.kind} {sheet.name}: {message}.", place=place)


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


class _Loader(jinja2.FileSystemLoader):
    """Reads templates, and says which one can't be read."""

    def get_source(self, environment: jinja2.Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        """A template's text, its path, and whether that is still its text.

        Raises:
            InputError: It is no text in UTF-8.
            OutsideError: It can't be read.
        """
        try:
            return super().get_source(environment, template)
        except jinja2.TemplateNotFound:
            raise  # it is an OSError, too
        except UnicodeDecodeError as error:
            message = f"the template is not UTF-8 at byte {error.start}."
            raise InputError(message, fix="Save it as UTF-8.", place=Place(self._path(template))) from None
        except OSError as error:
            raise OutsideError(f"can't be read: {error.strerror}.", place=Place(self._path(template))) from None

    def _path(self, template: str) -> str:
        """The first file of that name."""
        paths = (Path(folder) / template for folder in self.searchpath)
        return str(next((path for path in paths if path.exists()), template))
