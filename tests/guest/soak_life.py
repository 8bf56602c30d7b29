# SPDX-License-Identifier: MIT
"""For soak.py: a storm goes through ten saves and restores, on a machine that -k names."""

import os

import pytest
from life import life  # noqa: F401  (a fixture)
from soak import CYCLES, LIVES
from test_matrix import PATIENCE
from test_suspend import RESUMED


@pytest.mark.parametrize("name", LIVES)
def test_a_storm_is_saved_and_restored(life, name):  # noqa: F811
    fields = dict(LIVES[name])
    fields["cmdline"] += f" seed={os.environ.get('SOAK_SEED', 1)}"
    guest = life(**fields, timeout=CYCLES * PATIENCE)
    for times in range(1, CYCLES + 1):
        guest.run.save_and_restore(PATIENCE)
        guest.says(RESUMED, times)
        guest.advance()
    guest.ended("poweroff", "xl shutdown guest")
