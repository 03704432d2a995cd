"""The model of a version, put to the test: one process that all checks ask."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gitreg.errors import GitregError, InvalidError, RefusedError, SetupError
from gitreg.formats import guess
from gitreg.formats.isolated import IsolatedModel, Limits
from gitreg.validation.examples import Examples, read_examples
from gitreg.validation.samples import make_inputs
from gitreg.validation.subject import Subject

EXAMPLES, SAMPLE = "examples", "sample"


class Trial:
    """Asks the model of `subject`; whoever gets no answer the second time is told so in brief.

    `answers` counts what it answered; `steady` is whether it answered the same twice, as far as
    anybody has asked.
    """

    def __init__(self, subject: Subject, limits: Limits | None = None) -> None:
        self.subject = subject
        self.limits = limits or Limits()
        self.answers = 0
        self.steady = True
        self.memory = 0
        self._files: Mapping[str, Path] | None = None
        self._gone: SetupError | None = None
        self._model: IsolatedModel | None = None
        self._over: SetupError | None = None
        self._failed: set[str] = set()
        self._plain: tuple[dict[str, Any], dict[str, Any]] | None = None

    def files(self) -> Mapping[str, Path]:
        """Return the verified artifacts on this machine, by their paths.

        Raises: TransferError; UntrustedError; from then on SetupError.
        """
        if self._files is None:
            if self._gone is not None:
                raise self._gone
            self._gone = SetupError("its artifacts could not be had")
            self._files = self.subject.find_files()
        return self._files

    def model_file(self) -> tuple[str, Path]:
        """Return the name of the model's format, empty where nobody knows, and its file.

        Raises: as `files`; SetupError where no artifact has the role model.
        """
        files = self.files()
        for artifact in self.subject.metadata.get("artifacts", ()):
            if artifact.get("role", "model") == "model":
                path = artifact["path"]
                return artifact.get("format") or guess(files[path]) or "", files[path]
        raise SetupError("no artifact has the role model", next_step="name one in model.yaml")

    def open(self) -> IsolatedModel:
        """Return the model, loaded.

        Raises: InvalidError where it cannot be loaded; RefusedError; SetupError; UntrustedError;
        TransferError. From then on SetupError.
        """
        if self._over is not None:
            raise self._over
        if self._gone is not None and self._files is None:
            raise self._gone
        try:
            if self._model is None:
                self._model = IsolatedModel(self.subject.find_model(), self.limits)
            self._model.load()
        except SetupError as error:
            self._over = error
            raise
        except RefusedError:
            self._end("the policy does not let the model be loaded")
            raise
        except GitregError:
            self._end("the model could not be loaded")
            raise
        return self._model

    def ask(self, columns: Mapping[str, Any], *, source: str = "") -> dict[str, Any]:
        """Return what the model answers to columns; `source` says where plain ones are from.

        Raises: InvalidError where it fails; and as `open`.
        """
        model = self.open()
        try:
            answer = model.predict(columns)
        except InvalidError as error:
            self._failed.add(source)
            if model.ended:
                self._end("the model did not come back from an earlier question")
            raise InvalidError(
                error.what,
                next_step="ask it the same yourself: the model is wrong, or its signature",
            ) from error
        self.answers += 1
        return answer

    def examples(self) -> Examples:
        """Return the golden examples.

        Raises: InvalidError where they make no sense; SetupError where there are none.
        """
        subject, file = self.subject, self.subject.examples_file
        if file is None:
            raise SetupError(
                "model.yaml names none", next_step="add validation: {examples: examples.json}"
            )
        data = subject.read(subject.wanted["examples"])
        return read_examples(data, file=file, signature=subject.signature("inputs"))

    def sample(self) -> dict[str, Any]:
        """Return inputs made from the signature.

        Raises: SetupError where it cannot be done.
        """
        return make_inputs(self.subject.signature("inputs"))

    def inputs(self) -> tuple[str, dict[str, Any]]:
        """Return plain inputs, and where they are from: the examples, or else the signature.

        Raises: SetupError where there is neither.
        """
        try:
            return EXAMPLES, dict(self.examples().inputs)
        except GitregError:
            pass  # whoever compares with them says so
        try:
            return SAMPLE, self.sample()
        except SetupError as error:
            raise SetupError(
                "there are no inputs to ask it with",
                next_step="give some: validation.examples or signature.inputs in model.yaml",
            ) from error

    def plain(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return `inputs` and what the model answers to them; it is asked once.

        Raises: SetupError where there are none, or it failed before; and as `ask`.
        """
        self.open()
        if self._plain is None:
            source, inputs = self.inputs()
            if source in self._failed:
                raise SetupError("the model fails on plain inputs")
            self._plain = inputs, self.ask(inputs, source=source)
        return self._plain

    def close(self) -> int:
        """End the model; return the most memory that it took, in bytes."""
        if self._model is not None:
            self.memory = self._model.close() or self.memory
            self._end("the model is over")
        return self.memory

    def _end(self, why: str) -> None:
        self._over = SetupError(why)
