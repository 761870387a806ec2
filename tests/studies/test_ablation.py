"""The ablation table: one network with one change at a time, scored on val."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from ruamel.yaml import YAML

from aisle import files, paths
from aisle.errors import AisleError
from aisle.settings import sections
from aisle.studies.ablation import ablation, networks
from aisle.studies.energy import joules

WIDER: dict[str, Any] = {"wider": {"hidden": [16, 16]}}


def committed() -> dict[str, Any]:
    content = YAML(typ="safe").load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    return dict(content["ablation"])


def write(workspace: Path, *, network: dict[str, Any], changes: dict[str, Any]) -> None:
    content = YAML().load((workspace / "params.yaml").read_text(encoding="utf-8"))
    content["ablation"] = {"network": network, "changes": changes}
    with (workspace / "params.yaml").open("w", encoding="utf-8") as file:
        YAML().dump(content, file)


def test_each_row_changes_one_thing_and_the_last_all() -> None:
    found = networks(sections.Ablation.model_validate(committed()))
    assert list(found) == [
        *("plain", "batch normalisation", "early stopping", "mixed precision", "all together")
    ]
    plain, last = found["plain"], found["all together"]
    assert not plain["batch_normalisation"] and plain["training"]["patience"] == 0
    assert plain["training"]["precision"] == "float32"
    assert found["mixed precision"] == plain | {
        "training": plain["training"] | {"precision": "mixed_bfloat16"}
    }
    assert last["batch_normalisation"] and last["training"]["patience"] > 0
    assert last["training"]["precision"] == "mixed_bfloat16"


@pytest.mark.slow
def test_the_table_says_what_was_measured_on_val(
    workspace: Path, until: Callable[[str], None]
) -> None:
    training = committed()["network"]["training"] | {"epochs": 2, "batch_size": 8}
    mlp = {
        "method": "network",
        "architecture": "mlp",
        "photos": 16,
        "backbone": "none",
        "hidden": [8],
    }
    write(workspace, network=mlp | {"training": training}, changes=WIDER)
    until("resize")
    rows = ablation()
    assert [row["network"] for row in rows] == ["plain", "wider", "all together"]
    assert rows[1]["val_loss"] == rows[2]["val_loss"] != rows[0]["val_loss"]
    assert all(row["epochs"] == 2 and row["fit_seconds"] > 0 for row in rows)
    facts = files.read_json(paths.ABLATION)
    split = files.read_table(paths.SPLIT)["partition"].value_counts()
    assert facts["rows"] == rows
    assert (facts["train"], facts["val"]) == (split["train"], split["val"])
    table = paths.ABLATION.with_suffix(".md").read_text(encoding="utf-8")
    for row in rows:
        assert f"| {row['network']} | {row['val_loss']:.3f} | {row['val_accuracy']:.3f} |" in table
    assert f"{facts['train']} train products" in table and f"{facts['val']} val" in table


def test_a_method_without_epochs_is_refused(workspace: Path, until: Callable[[str], None]) -> None:
    forest = {"method": "classical", "model": "forest", "photos": 16, "backbone": "none"}
    write(
        workspace,
        network=forest | {"views": "original", "trees": 5},
        changes={"more": {"trees": 6}},
    )
    until("resize")
    with pytest.raises(AisleError, match=re.escape("method classical, which has no epochs")):
        ablation()


def test_energy_is_the_sum_over_the_sockets_or_nothing(tmp_path: Path) -> None:
    assert joules(tmp_path) is None
    for socket, used in (("intel-rapl:0", 2_500_000), ("intel-rapl:1", 500_000)):
        (tmp_path / socket).mkdir()
        (tmp_path / socket / "energy_uj").write_text(f"{used}\n", encoding="ascii")
    (tmp_path / "intel-rapl:0:0").mkdir()
    assert joules(tmp_path) == 3.0
