from . import (
    test_portal_access,
    test_portal_added_method,
    test_portal_invoices,
    test_portal_journey,
    test_portal_page,
    test_portal_payouts,
    test_portal_problem,
    test_portal_programs,
    test_portal_query_count,
)
