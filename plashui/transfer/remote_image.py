"""A look at an image in a registry without pulling it: all that the registry has."""

from __future__ import annotations

from collections.abc import Mapping

from plashui.base.errors import Cancelled, PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.base.units import size
from plashui.image.inspection import config_lines
from plashui.model.oci_history import in_words
from plashui.transfer.oci.manifest import parse_referrers
from plashui.transfer.oci.source import short

if TYPE_CHECKING:
    from typing import Any

    from plashui.transfer.from_registry import Remote
    from plashui.transfer.oci.manifest import Descriptor
    from plashui.transfer.oci.plan import Plan


class Referrer(NamedTuple):
    """What says that it is about a manifest: a signature, an SBOM, an attestation.

    `subject` is the digest of that manifest.
    """

    subject: str
    manifest: Descriptor

    def as_json(self) -> dict[str, Any]:
        """Return it as numbers and words, for programs."""
        one = self.manifest
        return {
            "subject": self.subject,
            "digest": one.digest,
            "size": one.size,
            "media_type": one.media_type,
            "artifact_type": one.artifact_type,
            "annotations": dict(one.annotations),
        }


class RemoteImage(NamedTuple):
    """An image in a registry, and what a pull of it takes.

    `referrers` are None until they were asked for, or because of `trouble`.
    """

    reference: str
    plan: Plan
    referrers: tuple[Referrer, ...] | None = None
    trouble: PlashError | None = None

    def lines(self) -> list[str]:
        """Describe it for people; it is foreign text."""
        plan, image = self.plan, self.plan.image
        price = [line for line in plan.lines() if line[0] != "platform"]
        told = [
            ("reference", self.reference),
            ("digest", image.digest),
            ("index", image.index_digest),
            ("image", "" if plan.made is None else str(plan.made)),
            ("platform", str(image.config.platform)),
            ("platforms", ", ".join(image.platforms)),
            ("annotations", _pairs(image.annotations)),
            *config_lines(image.config.value),
            *price,
        ]
        lines = [f"{key:<13} {value}" for key, value in told if value]
        return [*lines, *self._layer_lines(), *self._referrer_lines()]

    def _layer_lines(self) -> list[str]:
        image = self.plan.image
        lines = ["", "layers, the lowest first"]
        layers = iter(image.layers)
        for step in image.config.history():
            layer = None if step.empty else next(layers)
            amount = size(layer.blob.size) if layer else "-"
            here = "  here" if layer and layer not in self.plan.to_fetch else ""
            lines.append(f"{amount:>8}{here:<6}  {in_words(step.by)}".rstrip())
        return lines

    def _referrer_lines(self) -> list[str]:
        if self.referrers is None:
            why = f": {self.trouble.args[0]}" if self.trouble else " yet"
            return ["", f"what refers to it is not known{why}"]
        lines = ["", "what refers to it"] if self.referrers else []
        for subject, one in self.referrers:
            kind = one.artifact_type or one.media_type
            to = " (to the index)" if subject == self.plan.image.index_digest else ""
            lines.append(f"{size(one.size):>8}  {short(one.digest)}  {kind}{to}")
            if one.annotations:
                lines.append(f"{'':>8}  {_pairs(one.annotations)}")
        return lines

    def as_json(self) -> dict[str, Any]:
        """Return it as numbers and words, for programs."""
        image = self.plan.image
        return {
            "reference": self.reference,
            **self.plan.as_json(),
            "index": image.index_digest,
            "annotations": dict(image.annotations),
            "config": image.config.value,
            "history": [
                {"created_by": step.by, "empty_layer": step.empty}
                for step in image.config.history()
            ],
            "referrers": None
            if self.referrers is None
            else [one.as_json() for one in self.referrers],
        }


def look_into(remote: Remote, plan: Plan, artifact_type: str = "") -> RemoteImage:
    """Look into the image of a plan; with a type only at referrers of that type."""
    here = RemoteImage(remote.reference.familiar(), plan)
    try:
        return here._replace(referrers=tuple(_referrers(remote, plan, artifact_type)))
    except Cancelled:
        raise
    except PlashError as error:
        return here._replace(trouble=error)


def _referrers(remote: Remote, plan: Plan, artifact_type: str) -> list[Referrer]:
    """Return what refers to the image, and to the index that it is from."""
    image = plan.image
    return [
        Referrer(subject, one)
        for subject in filter(None, (image.index_digest, image.digest))
        for one in parse_referrers(remote.registry.referrers(subject, artifact_type))
        if artifact_type in ("", one.artifact_type)
    ]


def _pairs(annotations: Mapping[str, str]) -> str:
    return ", ".join(f"{key}={text}" for key, text in annotations.items())
