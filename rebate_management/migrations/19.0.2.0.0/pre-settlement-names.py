"""Names of settlements become unique in their company: of those that share one, the later ones get
the number of the record behind theirs."""

import logging

_logger = logging.getLogger(__name__)


def migrate(cr, version):
    # A sealed one keeps its name where it can; where not, the check of its fingerprint knows the
    # suffix.
    cr.execute(
        """
        WITH ranked AS (
            SELECT id, name,
                   ROW_NUMBER() OVER (
                       PARTITION BY company_id, name ORDER BY fingerprint IS NULL, id
                   ) AS place
              FROM rebate_settlement
        )
        UPDATE rebate_settlement settlement
           SET name = ranked.name || '-' || ranked.id
          FROM ranked
         WHERE ranked.id = settlement.id AND ranked.place > 1
     RETURNING ranked.name, settlement.name
        """
    )
    for before, after in cr.fetchall():
        _logger.warning(
            "Two rebate settlements had the name %s: the later one is %s now.", before, after
        )
