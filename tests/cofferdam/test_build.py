"""`cofferdam build` refuses what makes no sense before it starts anything."""

import pytest

from cofferdam.commands.lake.build import BuildEngine, command
from ledger.kernel.errors import InvalidInput


@pytest.mark.parametrize("server", ["50051", "host:", ":50051", "host:port"])
def test_an_address_that_is_none_is_refused_with_what_would_be_one(server):
    with pytest.raises(InvalidInput, match="is not a server's address; write host:port"):
        command(engine=BuildEngine.SAIL, server=server)


def test_a_server_is_sails_alone():
    with pytest.raises(InvalidInput, match="give --engine sail"):
        command(server="127.0.0.1:50051")
