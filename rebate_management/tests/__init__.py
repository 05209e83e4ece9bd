from . import (
    test_access,
    test_formats,
    test_growth,
    test_limits,
    test_measure,
    test_partner,
    test_query_count,
    test_queue,
    test_refusals,
    test_settlement,
    test_tiers,
    test_tour,
)
