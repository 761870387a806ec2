import subprocess
import sys
from pathlib import Path

import aisle.statistics


def test_the_statistics_start_without_slow_libraries() -> None:
    """Scipy, statsmodels and scikit-learn take seconds to import: import them only where needed."""
    folder = Path(aisle.statistics.__file__).parent
    names = [f"aisle.statistics.{file.stem}" for file in folder.glob("[a-z]*.py")]
    assert "aisle.statistics.paired" in names
    code = (
        f"import sys, {', '.join(names)}\n"
        "print([each for each in ('scipy', 'statsmodels', 'sklearn') if each in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
