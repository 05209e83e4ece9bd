"""Lock requests: whoever pressed a button too late asks jobs to leave the records alone."""

from odoo import api, fields, models
from odoo.tools import SQL

# Seconds for which a request holds. Odoo begins a request anew up to four times, the second time
# after two seconds at most, the third after four more.
SECONDS = 30


class RebateLockRequest(models.Model):
    """Rows are plain numbers without foreign keys, written and cleared away by transactions of
    their own: the one that came too late is rolled back. Whoever only refreshes figures leaves
    records alone that are asked for, so that the next try of the button finds them free."""

    _name = "rebate.lock.request"
    _description = "Lock Request of Rebates"
    _log_access = False

    res_model = fields.Char(required=True, readonly=True)
    res_id = fields.Integer(required=True, readonly=True)
    backend = fields.Integer(
        required=True, readonly=True, help="The database connection of who asks, again and again."
    )
    until = fields.Datetime(required=True, readonly=True)

    _record_idx = models.Index("(res_id, res_model)")

    @api.model
    def _add(self, records):
        """Ask for records, at once and whatever becomes of this transaction."""
        backend = self.env.cr.connection.info.backend_pid
        with self.env.registry.cursor() as cr:
            cr.execute(
                SQL(
                    """
                    INSERT INTO rebate_lock_request (res_model, res_id, backend, until)
                    SELECT %s, record.id, %s, now() AT TIME ZONE 'UTC' + %s * INTERVAL '1 second'
                      FROM unnest(%s) AS record(id)
                    """,
                    records._name,
                    backend,
                    SECONDS,
                    records.ids,
                )
            )

    @api.model
    def _drop_when_done(self, records):
        """Withdraw what was asked for as soon as this transaction is committed."""
        known = self.env.execute_query(
            SQL(
                "SELECT id FROM rebate_lock_request"
                " WHERE backend = pg_backend_pid() AND res_model = %s AND res_id = ANY(%s)",
                records._name,
                records.ids,
            )
        )
        if not known:
            return
        registry = self.env.registry

        @self.env.cr.postcommit.add
        def drop():
            with registry.cursor() as cr:
                cr.execute(
                    SQL(
                        """
                        DELETE FROM rebate_lock_request
                         WHERE id IN (SELECT id FROM rebate_lock_request
                                       WHERE id = ANY(%s) FOR UPDATE SKIP LOCKED)
                        """,
                        [request_id for (request_id,) in known],
                    )
                )

    @api.model
    def _free(self, table: SQL, model: str) -> SQL:
        """Compose the condition that nobody else asks for a row.

        :param table: whose ``id`` the row has
        :param model: the name of the model
        """
        return SQL(
            """
            NOT EXISTS (SELECT 1
                          FROM rebate_lock_request request
                         WHERE request.res_id = %s.id
                           AND request.res_model = %s
                           AND request.backend <> pg_backend_pid()
                           AND request.until > clock_timestamp() AT TIME ZONE 'UTC')
            """,
            table,
            model,
        )

    @api.autovacuum
    def _gc_expired(self):
        """Clear away requests of whoever gave up."""
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM rebate_lock_request
                 WHERE id IN (SELECT id FROM rebate_lock_request
                               WHERE until < now() AT TIME ZONE 'UTC' FOR UPDATE SKIP LOCKED)
                """
            )
        )
