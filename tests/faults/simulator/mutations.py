"""Protections of the pipeline, each taken away by one change of the code, and the test that goes red by it."""

from dataclasses import dataclass

CHUNKS, TABLE, DYNAMO = "adapters/table/chunks.py", "adapters/table/requests.py", "adapters/table/dynamodb.py"
DELIVERIES, ENDPOINTS = "adapters/table/deliveries.py", "adapters/table/endpoints.py"
OBJECTS = "adapters/aws/objects.py"
PLANNING, INGEST, FINALIZE = "ingest/planning.py", "ingest/service.py", "finalize/service.py"
SWEEP, DEAD, WORKER = "recover/sweep.py", "recover/dead_letters.py", "compress/worker/service.py"


@dataclass(frozen=True, slots=True)
class Mutation:
    """What is no longer so, once `old` in a file under functions/ is `new`; `test` fails then."""

    what: str
    file: str
    old: str
    new: str
    test: str


ALWAYS = "attribute_exists(pk) OR attribute_not_exists(pk)"  # a condition that is none

MUTATIONS = (
    Mutation(
        "the first result of an image stays",
        CHUNKS,
        """                **fields,
                "ttl": expires_at,
            }
        )""",
        f'''                **fields,
                "ttl": expires_at,
            }},
            "{ALWAYS}",
        )''',
        "tests/integration/test_chunks.py::test_the_first_result_of_an_image_stays",
    ),
    Mutation(
        "a chunk that is there is not reset",
        CHUNKS,
        """                "sent_at": chunk.sent_at,
                "ttl": expires_at,
            }
        )""",
        f'''                "sent_at": chunk.sent_at,
                "ttl": expires_at,
            }},
            "{ALWAYS}",
        )''',
        "tests/integration/test_chunks.py::test_a_chunk_that_is_there_is_not_made_again",
    ),
    Mutation(
        "a chunk is counted once: it flips if it is open",
        CHUNKS,
        '"CHUNK", flip, "#state = :open", values)',
        f'"CHUNK", flip, "{ALWAYS} OR #state = :open", values)',
        "tests/integration/test_chunks.py::test_a_chunk_is_closed_once",
    ),
    Mutation(
        "what is counted belongs to a request",
        CHUNKS,
        """                "attribute_exists(pk)",
                added,""",
        f'''                "{ALWAYS}",
                added,''',
        "tests/integration/test_chunks.py::test_a_chunk_whose_request_is_gone_is_not_closed",
    ),
    Mutation(
        "progress is shown of open chunks only",
        CHUNKS,
        '"SET settled = :seen", "#state = :open", seen=seen, open="OPEN")',
        f'"SET settled = :seen", "{ALWAYS} OR #state = :open", seen=seen, open="OPEN")',
        "tests/integration/test_chunks.py::test_progress_of_a_chunk_that_is_done_is_not_turned_back",
    ),
    Mutation(
        "of two sweeps one sends again",
        CHUNKS,
        'condition = "sent_at = :before AND #state = :open"',
        f'condition = "{ALWAYS} OR sent_at = :before AND #state = :open"',
        "tests/integration/test_chunks.py::test_missing_images_are_claimed_by_one_sweep",
    ),
    Mutation(
        "of a chunk that was done meanwhile nothing is sent again",
        CHUNKS,
        'condition = "sent_at = :before AND #state = :open"',
        f'condition = "sent_at = :before AND ({ALWAYS} OR #state = :open)"',
        "tests/integration/test_chunks.py::test_a_chunk_that_is_done_has_nothing_to_claim",
    ),
    Mutation(
        "a request is made once",
        TABLE,
        'return self.table.put(_to_record(request) | {"due_at": due_at, "due_shard": due_shard(request.request_id)})',
        "return self.table.put("
        '_to_record(request) | {"due_at": due_at, "due_shard": due_shard(request.request_id)},'
        f' "{ALWAYS}")',
        "tests/integration/test_table.py::test_a_request_that_is_there_is_not_made_again",
    ),
    Mutation(
        "the first version of a presigned upload holds",
        TABLE,
        '"#status = :pending AND version_id = :none"',
        f'"#status = :pending AND ({ALWAYS} OR version_id = :none)"',
        "tests/integration/test_table.py::test_an_upload_is_claimed_by_its_first_version",
    ),
    Mutation(
        "no upload is claimed for a request that is no longer pending",
        TABLE,
        '"#status = :pending AND version_id = :none"',
        f'"({ALWAYS} OR #status = :pending) AND version_id = :none"',
        "tests/integration/test_table.py::test_a_request_that_was_cancelled_is_not_claimed",
    ),
    Mutation(
        "only a pending request starts",
        TABLE,
        'updated_at = :now", "#status = :pending", counts | statuses)',
        f'updated_at = :now", "{ALWAYS} OR #status = :pending", counts | statuses)',
        "tests/integration/test_table.py::test_a_request_starts_once",
    ),
    Mutation(
        "a checkpoint never goes back",
        TABLE,
        '"#status = :processing AND parts_planned <= :parts"',
        f'"#status = :processing AND ({ALWAYS} OR parts_planned <= :parts)"',
        "tests/integration/test_table.py::test_a_checkpoint_of_a_run_that_was_overtaken_is_refused",
    ),
    Mutation(
        "a request that ended is planned no further",
        TABLE,
        '"#status = :processing AND parts_planned <= :parts"',
        f'"({ALWAYS} OR #status = :processing) AND parts_planned <= :parts"',
        "tests/integration/test_table.py::test_a_request_that_has_ended_takes_no_checkpoint",
    ),
    Mutation(
        "the number of chunks is said once",
        TABLE,
        '"#status = :processing AND attribute_not_exists(chunks_total)"',
        f'"#status = :processing AND ({ALWAYS} OR attribute_not_exists(chunks_total))"',
        "tests/integration/test_table.py::test_the_plan_is_finished_once",
    ),
    Mutation(
        "nothing is said of the chunks of a request that ended",
        TABLE,
        '"#status = :processing AND attribute_not_exists(chunks_total)"',
        f'"({ALWAYS} OR #status = :processing) AND attribute_not_exists(chunks_total)"',
        "tests/integration/test_table.py::test_of_a_request_that_has_ended_no_plan_is_finished",
    ),
    Mutation(
        "a request ends once",
        TABLE,
        '''f"#status IN ({', '.join(f':before{i}' for i in range(len(before)))}){unplanned}"''',
        f'''f"{ALWAYS} OR #status IN ({{', '.join(f':before{{i}}' for i in range(len(before)))}}){{unplanned}}"''',
        "tests/integration/test_table.py::test_a_request_ends_once",
    ),
    Mutation(
        "a verdict ends nothing whose plan was finished meanwhile",
        TABLE,
        '''" AND attribute_not_exists(chunks_total)" if needs_no_plan(error) else ""''',
        '''""''',
        "tests/faults/test_rows_verdicts.py::test_a_verdict_that_is_overtaken_while_it_is_written_ends_nothing",
    ),
    Mutation(
        "what left the due index stays out of it",
        TABLE,
        '"SET due_at = :due", "attribute_exists(due_at)", due=due_at)',
        f'"SET due_at = :due", "{ALWAYS}", due=due_at)',
        "tests/integration/test_table.py::test_a_settled_request_cannot_be_put_off",
    ),
    Mutation(
        "no record is made of a request that is gone, to leave the due index",
        TABLE,
        '"REMOVE due_at, due_shard", "attribute_exists(pk)")',
        f'"REMOVE due_at, due_shard", "{ALWAYS}")',
        "tests/integration/test_table.py::test_a_request_that_is_gone_is_not_made_by_being_settled",
    ),
    Mutation(
        "no record is made of a request that is gone, for its webhooks",
        TABLE,
        '"SET webhook_status = :status", "attribute_exists(pk)", status=status)',
        f'"SET webhook_status = :status", "{ALWAYS}", status=status)',
        "tests/integration/test_table.py::test_a_webhook_status_makes_no_request",
    ),
    Mutation(
        "that webhooks are owed never hides that they were sent",
        TABLE,
        '"attribute_exists(pk) AND attribute_not_exists(webhook_status) AND #status <> :cancelled"',
        f'"attribute_exists(pk) AND ({ALWAYS} OR attribute_not_exists(webhook_status)) AND #status <> :cancelled"',
        "tests/integration/test_table.py::test_webhooks_are_expected_once",
    ),
    Mutation(
        "no webhooks are owed of a cancelled request",
        TABLE,
        '"attribute_exists(pk) AND attribute_not_exists(webhook_status) AND #status <> :cancelled"',
        f'"attribute_exists(pk) AND attribute_not_exists(webhook_status) AND ({ALWAYS} OR #status <> :cancelled)"',
        "tests/integration/test_table.py::test_nobody_is_to_hear_of_a_request_that_is_cancelled",
    ),
    Mutation(
        "that nobody listens never hides that somebody was told",
        TABLE,
        'condition = "webhook_status = :owed"',
        f'condition = "{ALWAYS} OR webhook_status = :owed"',
        "tests/integration/test_table.py::test_webhooks_that_ended_are_not_expected_again",
    ),
    Mutation(
        "a delivery is made once, with its attempts",
        DELIVERIES,
        """                "ttl": expires_at,
            }
        )""",
        f'''                "ttl": expires_at,
            }},
            "{ALWAYS}",
        )''',
        "tests/integration/test_deliveries.py::test_a_delivery_that_is_there_is_not_made_again",
    ),
    Mutation(
        "an attempt is logged once, and followed once",
        DELIVERIES,
        """            "size(attempts) = :seen",
            values if""",
        f'''            "{ALWAYS} OR size(attempts) = :seen",
            values if''',
        "tests/integration/test_deliveries.py::test_the_same_attempt_is_logged_once",
    ),
    Mutation(
        "a delivery that arrived is not given up",
        DELIVERIES,
        'expression, "#state = :waiting", values)',
        f'expression, "{ALWAYS} OR #state = :waiting", values)',
        "tests/integration/test_deliveries.py::test_a_delivery_that_has_arrived_does_not_give_up",
    ),
    Mutation(
        "of two redeliveries at once one is made",
        DELIVERIES,
        '"attribute_exists(pk) AND size(attempts) = :seen"',
        f'"attribute_exists(pk) AND ({ALWAYS} OR size(attempts) = :seen)"',
        "tests/integration/test_deliveries.py::test_a_delivery_that_was_attempted_meanwhile_is_not_opened_again",
    ),
    Mutation(
        "a delivery that ended leaves the due index for good",
        DELIVERIES,
        '"SET due_at = :due", "attribute_exists(due_at)", {"due": due_at})',
        f'"SET due_at = :due", "{ALWAYS}", {{"due": due_at}})',
        "tests/integration/test_deliveries.py::test_a_delivery_that_has_ended_cannot_be_put_off",
    ),
    Mutation(
        "no secret stops signing before its time",
        "adapters/table/webhook_secrets.py",
        '"attribute_exists(pk) AND (attribute_not_exists(previous_until) OR previous_until <= :now)"',
        f'"attribute_exists(pk) AND ({ALWAYS} OR previous_until <= :now)"',
        "tests/integration/test_deliveries.py::test_a_rotation_that_is_done_twice_keeps_the_secret_before",
    ),
    Mutation(
        "nobody has more than a day's images",
        "adapters/table/quota.py",
        'f"{first_of_day}#images <= :room"',
        f'f"{{first_of_day}}#images <= :room OR {ALWAYS}"',
        "tests/integration/test_table.py::test_a_request_over_the_limit_does_not_start_and_is_not_charged",
    ),
    Mutation(
        "under outgoing/ the newest version stays",
        "adapters/table/drop_paths.py",
        'f"attribute_not_exists(pk) OR {IS_NEWER}"',
        f'f"{ALWAYS} OR {{IS_NEWER}}"',
        "tests/integration/test_outgoing_table.py::test_a_path_is_taken_by_what_is_newer",
    ),
    Mutation(
        "queues are seen empty twice, at different times",
        "adapters/table/queue_checks.py",
        'condition = "attribute_not_exists(empty_at) OR empty_at < :now"',
        f'condition = "{ALWAYS} OR empty_at < :now"',
        "tests/integration/test_table.py::test_a_look_by_a_clock_that_is_behind_makes_nothing_lost_sooner",
    ),
    Mutation(
        "a plan part that is there is not overwritten",
        OBJECTS,
        'Body=content, IfNoneMatch="*")',
        "Body=content)",
        "tests/integration/test_objects.py::test_an_object_that_is_written_once_is_not_overwritten",
    ),
    Mutation(
        "the part that holds is the one that is stored",
        OBJECTS,
        """            return part
        return self.part(request_id, part.number)""",
        """            return part
        return part""",
        "tests/integration/test_objects.py::test_the_first_part_that_is_stored_holds",
    ),
    Mutation(
        "a record is read consistently",
        DYNAMO,
        "Key=_key(pk, sk), ConsistentRead=True)",
        "Key=_key(pk, sk))",
        "tests/faults/test_lag.py",
    ),
    Mutation(
        "many records are read consistently",
        DYNAMO,
        '{"Keys": wanted, "ConsistentRead": True}',
        '{"Keys": wanted}',
        "tests/faults/test_lag.py",
    ),
    Mutation(
        "the results of a chunk are read consistently",
        DYNAMO,
        'else {"ConsistentRead": True}),',
        "else {}),",
        "tests/faults/test_lag.py",
    ),
    Mutation(
        "a query goes on where its first page ended",
        DYNAMO,
        'if "LastEvaluatedKey" not in answer:',
        "if True:",
        "tests/integration/test_dynamodb.py::test_a_query_of_many_pages_gives_all_records_in_order",
    ),
    Mutation(
        "keys that a batch left are asked for again",
        DYNAMO,
        'asked = answer.get("UnprocessedKeys") or {}',
        "asked = {}",
        "tests/integration/test_dynamodb.py::test_keys_that_a_batch_left_over_are_asked_for_again",
    ),
    Mutation(
        "a write that meets a transaction is tried again",
        DYNAMO,
        'if error_code(error) == "TransactionConflictException":',
        'if error_code(error) == "Never":',
        "tests/integration/test_dynamodb.py::test_a_write_that_met_a_transaction_is_tried_again",
    ),
    Mutation(
        "a plan part is stored before its chunks are made",
        "ingest/plan_parts.py",
        "        part = self.plans.store(self.request_id, planned)\n",
        "        part = planned\n",
        "tests/faults/test_rows.py::test_an_event_that_comes_three_times_makes_one_request_and_fetches_each_image_once",
    ),
    Mutation(
        "messages are sent before the checkpoint",
        PLANNING,
        """            self._send(request, last, earlier)
            now = self.clock()
            if not self.requests.checkpoint(request.request_id, last.number + 1, now + self.patience, now):
                return Progress()""",
        """            now = self.clock()
            if not self.requests.checkpoint(request.request_id, last.number + 1, now + self.patience, now):
                return Progress()
            self._send(request, last, earlier)""",
        "tests/faults/test_rows.py::test_whichever_write_fails_the_request_ends_as_if_none_had",
    ),
    Mutation(
        "a chunk is made before its messages are sent",
        PLANNING,
        """        missing = self._missing(request, part, planned)
""",
        """        self.compress.send_all(
            CompressTask(request.request_id, image.chunk, image.n, image.url, request.options)
            for image in planned.images
        )
        missing = self._missing(request, part, planned)
""",
        "tests/faults/test_rows.py::test_an_event_that_comes_three_times_makes_one_request_and_fetches_each_image_once",
    ),
    Mutation(
        "the number of chunks is said last",
        PLANNING,
        """        last = self._checkpoint(request)
        while""",
        """        last = self._checkpoint(request)
        self.requests.finish_plan(request.request_id, 1, request.total_images, self.clock(), self.clock())
        while""",
        "tests/faults/test_rows.py::test_an_event_that_comes_three_times_makes_one_request_and_fetches_each_image_once",
    ),
    Mutation(
        "the output CSV is written before the request ends",
        FINALIZE,
        """        if request.chunks_total is not None:
            self._write_csv(request)
        status, now = RequestStatus.FAILED if error else RequestStatus.COMPLETED, self.clock()
        if self.requests.end(request.request_id, status, error, now):
            self.report(RequestEnded(replace(request, status=status, error=error, ended_at=now)))
""",
        """        status, now = RequestStatus.FAILED if error else RequestStatus.COMPLETED, self.clock()
        if self.requests.end(request.request_id, status, error, now):
            self.report(RequestEnded(replace(request, status=status, error=error, ended_at=now)))
        if request.chunks_total is not None:
            self._write_csv(request)
""",
        "tests/faults/test_rows.py::test_whichever_write_fails_the_request_ends_as_if_none_had",
    ),
    Mutation(
        "the request ends before its events are told",
        FINALIZE,
        "        if self.requests.end(request.request_id, status, error, now):",
        """        self.notify.send(EventTask(request.request_id, END_EVENTS[status]))
        if self.requests.end(request.request_id, status, error, now):""",
        "tests/faults/test_rows.py::test_whichever_write_fails_the_request_ends_as_if_none_had",
    ),
    Mutation(
        "events are queued before the request leaves the due index",
        FINALIZE,
        "        if request.status in END_EVENTS:",
        """        self.requests.leave_due_index(request.request_id)
        if request.status in END_EVENTS:""",
        "tests/faults/test_lag.py::test_a_finalisation_whose_message_is_lost_is_taken_up_by_the_sweep_wherever_it_died",
    ),
    Mutation(
        "a request that has ended has its events queued again",
        FINALIZE,
        "        while request is not None and not request.status.is_terminal:",
        """        if request is None or request.status.is_terminal:
            return
        while request is not None and not request.status.is_terminal:""",
        "tests/faults/test_rows.py::test_whichever_write_fails_the_request_ends_as_if_none_had",
    ),
    Mutation(
        "completion is evaluated also where every chunk was done before",
        "tally/service.py",
        "for request_id in {request_id for request_id, _ in touched}:",
        "for request_id in set():",
        "tests/faults/test_rows.py::test_a_tally_that_dies_after_the_flip_is_made_up_for_by_the_stream",
    ),
    Mutation(
        "completion is evaluated when the number of chunks is said",
        INGEST,
        "self.settler.evaluate(request_id)",
        "pass",
        "tests/faults/test_rows.py::test_images_that_are_done_before_the_plan_is_finished_complete_it_without_a_sweep",
    ),
    Mutation(
        "only what is complete is finalised",
        "core/settling.py",
        "if request is None or not request.is_counted:",
        "if request is None:",
        "tests/faults/test_rows.py::test_messages_that_are_lost_are_sent_again_and_a_backlog_is_not",
    ),
    Mutation(
        "finalize looks for itself whether the request is complete",
        FINALIZE,
        "if not can_end(request, task.verdict):",
        "if False:",
        "tests/unit/finalize/test_finalize.py::test_a_verdict_that_comes_late_does_not_end_a_running_request",
    ),
    Mutation(
        "the ids of events are fixed",
        "core/model.py",
        'return f"msg_{self.request_id}_',
        "return f\"msg_{__import__('uuid').uuid4()}_{self.request_id}_",
        "tests/faults/test_rows.py::test_an_event_that_comes_three_times_makes_one_request_and_fetches_each_image_once",
    ),
    Mutation(
        "a webhook that was answered is not sent again",
        "notify/deliver.py",
        "if delivery.state is not DeliveryState.WAITING or len(delivery.attempts) != task.attempt:",
        "if False:",
        "tests/unit/notify/test_notify.py",
    ),
    Mutation(
        "recover sends again only what surely is lost",
        SWEEP,
        "return idle_since is not None and chunk.sent_at < idle_since",
        "return True",
        "tests/unit/recover/test_recover.py::test_a_backlog_is_no_loss",
    ),
    Mutation(
        "what was sent since the queues were seen empty is not lost",
        SWEEP,
        "return idle_since is not None and chunk.sent_at < idle_since",
        "return idle_since is not None",
        "tests/unit/recover/test_recover.py::test_images_that_were_sent_after_the_queues_were_seen_empty_are_not_sent_again",
    ),
    Mutation(
        "queues have to be empty twice running",
        "adapters/table/queue_checks.py",
        '            self.table.update(*_KEY, "REMOVE empty_at", "attribute_exists(empty_at)", {})\n',
        "",
        "tests/integration/test_table.py::test_queues_that_were_busy_in_between_are_not_idle",
    ),
    Mutation(
        "recover sends again what is lost",
        SWEEP,
        "elif self._is_lost(chunk, idle_since):",
        "elif False:",
        "tests/faults/test_rows.py::test_messages_that_are_lost_are_sent_again_and_a_backlog_is_not",
    ),
    Mutation(
        "recover settles what the stream lost",
        SWEEP,
        "if not self.settler.count(request.request_id, chunk.number)",
        "if True",
        "tests/unit/recover/test_recover.py::test_results_whose_stream_records_were_lost_are_settled",
    ),
    Mutation(
        "recover evaluates completion",
        SWEEP,
        "        if self.settler.evaluate(request.request_id):\n            return\n",
        "",
        "tests/unit/recover/test_recover.py::test_a_request_that_is_complete_by_that_is_finalized",
    ),
    Mutation(
        "recover has the CSV read whose message was lost",
        SWEEP,
        "            self._ingest_again(request)\n",
        "            pass\n",
        "tests/unit/recover/test_recover.py::test_a_csv_that_was_not_read_to_its_end_is_read_again",
    ),
    Mutation(
        "recover has what follows the end done",
        SWEEP,
        "        if request.status.is_terminal:\n            self.finalize.send(FinalizeTask(request.request_id))",
        "        if request.status.is_terminal:\n            pass",
        "tests/unit/recover/test_recover.py::test_a_request_that_has_ended_but_is_due_is_announced_again",
    ),
    Mutation(
        "recover has due deliveries attempted",
        SWEEP,
        "        self.notify.send(DeliveryTask(request.request_id, event, endpoint_id, len(delivery.attempts)))\n",
        "",
        "tests/faults/test_rows.py::test_a_fifth_of_all_calls_may_fail_for_a_while",
    ),
    Mutation(
        "a request ends at its deadline",
        SWEEP,
        "            if is_overdue:\n                self._give_up(request, chunk)",
        "            if False:\n                self._give_up(request, chunk)",
        "tests/unit/recover/test_recover.py::test_after_the_deadline_missing_images_are_given_up",
    ),
    Mutation(
        "a CSV that is never read ends at its deadline",
        SWEEP,
        "        elif request.chunks_total is None and is_overdue:",
        "        elif False:",
        "tests/unit/recover/test_recover.py::test_after_the_deadline_a_csv_that_was_not_read_fails_its_request",
    ),
    Mutation(
        "what killed its worker is given up",
        DEAD,
        "            if self.chunks.record(task.request_id, task.chunk, result, request.expires_at):\n",
        "            if not result:\n",
        "tests/unit/recover/test_recover.py::test_an_image_that_died_without_a_word_is_given_up",
    ),
    Mutation(
        "an event that could not be announced is tried again",
        DEAD,
        "            self.notify.send(task)\n",
        "            pass\n",
        "tests/unit/recover/test_recover.py::test_an_event_whose_message_died_is_announced_again",
    ),
    Mutation(
        "a delivery that died twice is worked on alone",
        "compress/worker/steps.py",
        "message.receives > MAX_SHARED_RECEIVES",
        "message.receives > 1_000",
        "tests/unit/compress/worker/test_worker.py::test_the_third_delivery_moves_to_alone_queue",
    ),
    Mutation(
        "an Idempotency-Key with another file is refused",
        "api/uploads/opening.py",
        "not fits(held) or ",
        "",
        "tests/faults/test_rows_api.py::test_another_upload_under_the_same_key_is_refused_and_changes_nothing",
    ),
    Mutation(
        "of two uploads at once the first one holds",
        "api/uploads/opening.py",
        "        held = self.repeated(request.request_id, fits)\n",
        "        return request\n",
        "tests/faults/test_rows_api.py::test_of_two_files_that_race_under_one_key_the_one_that_was_accepted_is_worked_on",
    ),
    Mutation(
        "a repeated upload has its message sent, which may have been lost",
        "api/uploads/opening.py",
        "        if request.status is RequestStatus.PENDING:\n",
        "        if False:\n",
        "tests/faults/test_rows_api.py::test_an_upload_that_dies_after_any_write_goes_on_when_it_is_posted_again",
    ),
    Mutation(
        "another owner's request reads like none",
        "api/routes/context.py",
        "not who.may_see(request.owner) or ",
        "",
        "tests/faults/test_rows_api.py::test_a_request_of_another_owner_is_answered_like_one_that_there_is_not",
    ),
    Mutation(
        "a parser that takes over goes by the stored part",
        "ingest/plan_parts.py",
        "if part is not planned:",
        "if False:",
        "tests/faults/test_rows_ingest.py::test_a_parser_that_takes_over_after_a_crash_at_any_write_goes_by_the_plan",
    ),
    Mutation(
        "an ingest without time has itself called again",
        "ingest/service.py",
        "self.ingest.send(",
        "bool(",
        "tests/faults/test_rows_ingest.py::test_a_csv_that_takes_many_invocations_goes_on_from_its_checkpoint",
    ),
    Mutation(
        "an origin's Retry-After is waited for",
        "compress/worker/backoff.py",
        "max(backoff, retry_after or 0.0)",
        "backoff",
        "tests/faults/test_rows_origins.py::test_an_origin_is_not_asked_again_before_the_time_that_it_named",
    ),
    Mutation(
        "a host that asked for a pause is not asked meanwhile",
        "compress/worker/politeness.py",
        "host.asked_again_at <= self._clock() and ",
        "",
        "tests/unit/compress/worker/test_politeness.py::test_nobody_is_asked_before_the_time_that_the_host_named",
    ),
    Mutation(
        "a host has so many turns at a time",
        "compress/worker/politeness.py",
        " and host.active < host.limit",
        "",
        "tests/unit/compress/worker/test_politeness.py::test_a_host_is_asked_for_so_many_at_a_time",
    ),
    Mutation(
        "an image that waits for its host keeps its count",
        "compress/worker/service.py",
        "tried=message.receives - 1, ",
        "",
        "tests/faults/test_rows_origins.py::test_real_origins_that_fail_are_asked_again_or_not_by_what_they_answer",
    ),
    Mutation(
        "what AWS fails at is no failed attempt",
        "compress/worker/outcome.py",
        "PausedError() | StorageError()",
        "PausedError()",
        "tests/faults/test_rows.py::test_images_outlast_an_aws_that_takes_no_call_of_their_workers",
    ),
    Mutation(
        "on the last delivery a busy origin is told by its code",
        "compress/worker/outcome.py",
        "message.receives >= MAX_ALONE_RECEIVES",
        "message.receives >= 1_000",
        "tests/faults/test_rows_origins.py::test_an_origin_that_does_not_recover_is_told_by_its_own_code",
    ),
    Mutation(
        "an exchange ends at its deadline",
        "adapters/http/fetch.py",
        "with deadline(self.max_seconds):",
        "with deadline(20.0):",
        "tests/faults/test_rows_hostile.py",
    ),
    Mutation(
        "no connection goes to an address that is not public",
        "adapters/http/guard.py",
        "            self._check_address(host, address[0], port)\n",
        "            pass\n",
        "tests/faults/test_rows_addresses.py",
    ),
    Mutation(
        "the address that was checked is the one connected to",
        "adapters/http/guard.py",
        "        failure: OSError | None = None\n",
        "        failure: OSError | None = None\n        answers = self._look_up(host, port)\n",
        "tests/faults/test_rows_addresses.py",
    ),
    Mutation(
        "an image of too many pixels is refused",
        "compress/codec/pipeline.py",
        "if pixels > MAX_PIXELS or ",
        "if ",
        "tests/faults/test_rows_codec.py",
    ),
    Mutation(
        "a webhook that is redirected has not arrived",
        "notify/deliver.py",
        "200 <= posted.status < 300",
        "200 <= posted.status < 400",
        "tests/faults/test_rows_webhooks.py",
    ),
    Mutation(
        "the secret before signs for a while",
        "core/model.py",
        "return [self.secret, previous] if previous else [self.secret]",
        "return [self.secret]",
        "tests/faults/test_rows_webhooks.py",
    ),
    Mutation(
        "the secret before stops signing",
        "core/model.py",
        "self.previous_secret if now < self.previous_until else None",
        "self.previous_secret",
        "tests/faults/test_rows_webhooks.py",
    ),
    Mutation(
        "images are sent in the group of their request",
        "adapters/aws/queues.py",
        '{"MessageBody": task.to_body(), "MessageGroupId": task.group, "Id"',
        '{"MessageBody": task.to_body(), "Id"',
        "tests/faults/test_rows_queue.py",
    ),
    Mutation(
        "a version is as old as S3 says",
        "core/uploads/drop.py",
        "now if drop.dropped_at is None else drop.dropped_at",
        "now",
        "tests/faults/test_rows_clocks.py",
    ),
    Mutation(
        "an owner's first secret stays",
        "adapters/table/webhook_secrets.py",
        'self.table.put({"pk": pk, "sk": sk, "secret": fresh})  # of',
        f'self.table.put({{"pk": pk, "sk": sk, "secret": fresh}}, "{ALWAYS}")  # of',
        "tests/faults/test_rows_webhooks.py::test_of_two_that_make_an_owners_first_secret_at_once_the_first_one_holds",
    ),
    Mutation(
        "a first rotation is one of a secret",
        "adapters/table/webhook_secrets.py",
        'is_first = self.table.put({"pk": pk, "sk": sk, "secret": fresh})',
        f'is_first = self.table.put({{"pk": pk, "sk": sk, "secret": fresh}}, "{ALWAYS}")',
        "tests/integration/test_deliveries.py",
    ),
    Mutation(
        "a rotation makes no secret of a record that is gone",
        "adapters/table/webhook_secrets.py",
        '"attribute_exists(pk) AND (attribute_not_exists(previous_until)',
        f'"({ALWAYS}) AND (attribute_not_exists(previous_until)',
        "tests/integration/test_endpoints.py",
    ),
    Mutation(
        "no delivery is reopened that is gone",
        "adapters/table/deliveries.py",
        '"attribute_exists(pk) AND size(attempts) = :seen"',
        f'"({ALWAYS}) AND size(attempts) = :seen OR attribute_not_exists(pk)"',
        "tests/integration/test_deliveries.py",
    ),
    Mutation(
        "an endpoint keeps its secret when it is configured again",
        "adapters/table/endpoints.py",
        "self.table.put(_to_record(endpoint))",
        f'self.table.put(_to_record(endpoint), "{ALWAYS}")',
        "tests/integration/test_endpoints.py",
    ),
    Mutation(
        "an endpoint that was deleted stays deleted",
        "adapters/table/endpoints.py",
        'expression, "attribute_exists(pk)", values)',
        f'expression, "{ALWAYS}", values)',
        "tests/integration/test_endpoints.py",
    ),
    Mutation(
        "an endpoint is deleted once",
        "adapters/table/endpoints.py",
        'condition="attribute_exists(pk)")',
        f'condition="{ALWAYS}")',
        "tests/integration/test_endpoints.py",
    ),
    Mutation(
        "of two exports at once one is ordered first",
        "adapters/table/exports.py",
        'condition, seen = "attribute_not_exists(asked_at)", {}',
        f'condition, seen = "{ALWAYS}", {{}}',
        "tests/integration/test_listing.py",
    ),
    Mutation(
        "of two exports at once one is ordered next",
        "adapters/table/exports.py",
        'condition, seen = "asked_at = :before"',
        f'condition, seen = "{ALWAYS} OR asked_at = :before"',
        "tests/integration/test_listing.py",
    ),
    Mutation(
        "an export that was overtaken is not the one that is ready",
        "adapters/table/exports.py",
        '"SET ready_at = :now", "export_id = :id"',
        f'"SET ready_at = :now", "{ALWAYS} OR export_id = :id"',
        "tests/integration/test_listing.py",
    ),
    Mutation(
        "webhooks are owed of no request that is gone",
        "adapters/table/requests.py",
        '"attribute_exists(pk) AND attribute_not_exists(webhook_status)',
        f'"({ALWAYS}) AND attribute_not_exists(webhook_status)',
        "tests/integration/test_table.py",
    ),
    Mutation(
        "that queues were empty is forgotten only where it was known",
        "adapters/table/queue_checks.py",
        '"REMOVE empty_at", "attribute_exists(empty_at)"',
        f'"REMOVE empty_at", "{ALWAYS}"',
        "tests/integration/test_table.py",
    ),
    Mutation(
        "a day's first images are counted too",
        "adapters/table/quota.py",
        '"attribute_not_exists(#images) OR "',
        '""',
        "tests/integration/test_table.py",
    ),
    Mutation(
        "the first of a path's files is taken",
        "adapters/table/drop_paths.py",
        'f"attribute_not_exists(pk) OR {IS_NEWER}"',
        "IS_NEWER",
        "tests/integration/test_outgoing_table.py",
    ),
    Mutation(
        "of two versions the one that came later is the newer one",
        "adapters/table/drop_paths.py",
        'IS_NEWER = "came_at < :came OR (came_at = :came AND created_at < :created)"',
        'IS_NEWER = "came_at > :came OR (came_at = :came AND created_at < :created)"',
        "tests/integration/test_outgoing_table.py",
    ),
    Mutation(
        "a verdict that was overtaken ends nothing from the DLQ either",
        DEAD,
        " or not can_end(request, task.verdict)",
        "",
        "tests/faults/test_rows_verdicts.py::test_a_verdict_that_was_overtaken_ends_nothing_even_if_finalize_dies_of_it",
    ),
)
