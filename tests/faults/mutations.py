"""Protections of the pipeline, each taken away by one change of the code, and the test that goes red by it."""

from dataclasses import dataclass

CHUNKS, TABLE, DYNAMO = "adapters/chunks.py", "adapters/table.py", "adapters/dynamodb.py"
DELIVERIES, ENDPOINTS, OBJECTS = "adapters/deliveries.py", "adapters/endpoints.py", "adapters/objects.py"
PLANNING, INGEST, FINALIZE = "ingest/planning.py", "ingest/service.py", "finalize/service.py"
SWEEP, DEAD, WORKER = "recover/sweep.py", "recover/dead_letters.py", "compress/service.py"


@dataclass(frozen=True, slots=True)
class Mutation:
    """What is no longer so, once `old` in a file under functions/ is `new`; `test` fails then."""

    what: str
    file: str
    old: str
    new: str
    test: str = ""


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
    ),
    Mutation(
        "a chunk is counted once: it flips if it is open",
        CHUNKS,
        '"CHUNK", flip, "#state = :open", values)',
        f'"CHUNK", flip, "{ALWAYS} OR #state = :open", values)',
    ),
    Mutation(
        "what is counted belongs to a request",
        CHUNKS,
        """                "attribute_exists(pk)",
                added,""",
        f'''                "{ALWAYS}",
                added,''',
    ),
    Mutation(
        "progress is shown of open chunks only",
        CHUNKS,
        '"SET settled = :seen", "#state = :open", seen=seen, open="OPEN")',
        f'"SET settled = :seen", "{ALWAYS} OR #state = :open", seen=seen, open="OPEN")',
    ),
    Mutation(
        "of two sweeps one sends again",
        CHUNKS,
        'condition = "sent_at = :before AND #state = :open"',
        f'condition = "{ALWAYS} OR sent_at = :before AND #state = :open"',
    ),
    Mutation(
        "of a chunk that was done meanwhile nothing is sent again",
        CHUNKS,
        'condition = "sent_at = :before AND #state = :open"',
        f'condition = "sent_at = :before AND ({ALWAYS} OR #state = :open)"',
    ),
    Mutation(
        "a request is made once",
        TABLE,
        'return self.table.put(_to_record(request) | {"due_at": due_at, "due_shard": due_shard(request.request_id)})',
        "return self.table.put("
        '_to_record(request) | {"due_at": due_at, "due_shard": due_shard(request.request_id)},'
        f' "{ALWAYS}")',
    ),
    Mutation(
        "the first version of a presigned upload holds",
        TABLE,
        '"#status = :pending AND version_id = :none"',
        f'"#status = :pending AND ({ALWAYS} OR version_id = :none)"',
    ),
    Mutation(
        "no upload is claimed for a request that is no longer pending",
        TABLE,
        '"#status = :pending AND version_id = :none"',
        f'"({ALWAYS} OR #status = :pending) AND version_id = :none"',
    ),
    Mutation(
        "only a pending request starts",
        TABLE,
        'updated_at = :now", "#status = :pending", counts | statuses)',
        f'updated_at = :now", "{ALWAYS} OR #status = :pending", counts | statuses)',
    ),
    Mutation(
        "a checkpoint never goes back",
        TABLE,
        '"#status = :processing AND parts_planned <= :parts"',
        f'"#status = :processing AND ({ALWAYS} OR parts_planned <= :parts)"',
    ),
    Mutation(
        "a request that ended is planned no further",
        TABLE,
        '"#status = :processing AND parts_planned <= :parts"',
        f'"({ALWAYS} OR #status = :processing) AND parts_planned <= :parts"',
    ),
    Mutation(
        "the number of chunks is said once",
        TABLE,
        '"#status = :processing AND attribute_not_exists(chunks_total)"',
        f'"#status = :processing AND ({ALWAYS} OR attribute_not_exists(chunks_total))"',
    ),
    Mutation(
        "nothing is said of the chunks of a request that ended",
        TABLE,
        '"#status = :processing AND attribute_not_exists(chunks_total)"',
        f'"({ALWAYS} OR #status = :processing) AND attribute_not_exists(chunks_total)"',
    ),
    Mutation(
        "a request ends once",
        TABLE,
        '''f"#status IN ({', '.join(f':before{i}' for i in range(len(before)))})"''',
        f'''f"{ALWAYS} OR #status IN ({{', '.join(f':before{{i}}' for i in range(len(before)))}})"''',
    ),
    Mutation(
        "what left the due index stays out of it",
        TABLE,
        '"SET due_at = :due", "attribute_exists(due_at)", due=due_at)',
        f'"SET due_at = :due", "{ALWAYS}", due=due_at)',
    ),
    Mutation(
        "no record is made of a request that is gone, to leave the due index",
        TABLE,
        '"REMOVE due_at, due_shard", "attribute_exists(pk)")',
        f'"REMOVE due_at, due_shard", "{ALWAYS}")',
    ),
    Mutation(
        "no record is made of a request that is gone, for its webhooks",
        TABLE,
        '"SET webhook_status = :status", "attribute_exists(pk)", status=status)',
        f'"SET webhook_status = :status", "{ALWAYS}", status=status)',
    ),
    Mutation(
        "that webhooks are owed never hides that they were sent",
        TABLE,
        '"attribute_exists(pk) AND attribute_not_exists(webhook_status) AND #status <> :cancelled"',
        f'"attribute_exists(pk) AND ({ALWAYS} OR attribute_not_exists(webhook_status)) AND #status <> :cancelled"',
    ),
    Mutation(
        "no webhooks are owed of a cancelled request",
        TABLE,
        '"attribute_exists(pk) AND attribute_not_exists(webhook_status) AND #status <> :cancelled"',
        f'"attribute_exists(pk) AND attribute_not_exists(webhook_status) AND ({ALWAYS} OR #status <> :cancelled)"',
    ),
    Mutation(
        "that nobody listens never hides that somebody was told",
        TABLE,
        'condition = "webhook_status = :owed"',
        f'condition = "{ALWAYS} OR webhook_status = :owed"',
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
    ),
    Mutation(
        "an attempt is logged once, and followed once",
        DELIVERIES,
        """            "size(attempts) = :seen",
            values if""",
        f'''            "{ALWAYS} OR size(attempts) = :seen",
            values if''',
    ),
    Mutation(
        "a delivery that arrived is not given up",
        DELIVERIES,
        'expression, "#state = :waiting", values)',
        f'expression, "{ALWAYS} OR #state = :waiting", values)',
    ),
    Mutation(
        "of two redeliveries at once one is made",
        DELIVERIES,
        '"attribute_exists(pk) AND size(attempts) = :seen"',
        f'"attribute_exists(pk) AND ({ALWAYS} OR size(attempts) = :seen)"',
    ),
    Mutation(
        "a delivery that ended leaves the due index for good",
        DELIVERIES,
        '"SET due_at = :due", "attribute_exists(due_at)", {"due": due_at})',
        f'"SET due_at = :due", "{ALWAYS}", {{"due": due_at}})',
    ),
    Mutation(
        "no secret stops signing before its time",
        DELIVERIES,
        '"attribute_exists(pk) AND (attribute_not_exists(previous_until) OR previous_until <= :now)"',
        f'"attribute_exists(pk) AND ({ALWAYS} OR previous_until <= :now)"',
    ),
    Mutation(
        "nobody has more than a day's images",
        "adapters/quota.py",
        'f"{first_of_day}#images <= :room"',
        f'f"{{first_of_day}}#images <= :room OR {ALWAYS}"',
    ),
    Mutation(
        "under outgoing/ the newest version stays",
        "adapters/outgoing.py",
        'f"attribute_not_exists(pk) OR {IS_NEWER}"',
        f'f"{ALWAYS} OR {{IS_NEWER}}"',
    ),
    Mutation(
        "queues are seen empty twice, at different times",
        "adapters/observations.py",
        'condition = "attribute_not_exists(empty_at) OR empty_at < :now"',
        f'condition = "{ALWAYS} OR empty_at < :now"',
    ),
    Mutation(
        "a plan part that is there is not overwritten",
        OBJECTS,
        'Body=content, IfNoneMatch="*")',
        "Body=content)",
    ),
    Mutation(
        "the part that holds is the one that is stored",
        OBJECTS,
        """            return part
        return self.part(request_id, part.number)""",
        """            return part
        return part""",
    ),
    Mutation("a record is read consistently", DYNAMO, "Key=_key(pk, sk), ConsistentRead=True)", "Key=_key(pk, sk))"),
    Mutation(
        "many records are read consistently",
        DYNAMO,
        '{"Keys": wanted, "ConsistentRead": True}',
        '{"Keys": wanted}',
    ),
    Mutation(
        "the results of a chunk are read consistently",
        DYNAMO,
        'else {"ConsistentRead": True}),',
        "else {}),",
    ),
    Mutation(
        "a query goes on where its first page ended",
        DYNAMO,
        'if "LastEvaluatedKey" not in answer:',
        "if True:",
    ),
    Mutation(
        "keys that a batch left are asked for again",
        DYNAMO,
        'asked = answer.get("UnprocessedKeys") or {}',
        "asked = {}",
    ),
    Mutation(
        "a write that meets a transaction is tried again",
        DYNAMO,
        'if error_code(error) == "TransactionConflictException":',
        'if error_code(error) == "Never":',
    ),
    Mutation(
        "a plan part is written before its chunks",
        "ingest/parts.py",
        "        part = plans.store(request.request_id, planned)\n",
        "        yield planned\n"
        "        part = plans.store(request.request_id, planned)\n"
        "        if part.is_last:\n            return\n"
        "        cursor = part.end\n"
        "        continue\n",
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
    ),
    Mutation(
        "the number of chunks is said last",
        PLANNING,
        """        last = self._checkpoint(request)
        while""",
        """        last = self._checkpoint(request)
        self.requests.finish_plan(request.request_id, 1, request.total_images, self.clock(), self.clock())
        while""",
    ),
    Mutation(
        "the output CSV is written before the request ends",
        FINALIZE,
        """        if request.chunks_total is not None:
            self._write_csv(request)
        status = RequestStatus.FAILED if error else RequestStatus.COMPLETED
        self.requests.end(request.request_id, status, error, self.clock())""",
        """        status = RequestStatus.FAILED if error else RequestStatus.COMPLETED
        self.requests.end(request.request_id, status, error, self.clock())
        if request.chunks_total is not None:
            self._write_csv(request)""",
    ),
    Mutation(
        "the request ends before its events are told",
        FINALIZE,
        """        status = RequestStatus.FAILED if error else RequestStatus.COMPLETED
        self""",
        """        status = RequestStatus.FAILED if error else RequestStatus.COMPLETED
        self.notify.send(EventTask(request.request_id, END_EVENTS[status]))
        self""",
    ),
    Mutation(
        "events are queued before the request leaves the due index",
        FINALIZE,
        """        request = self.requests.find(request_id)
        if request is not None and request.status in END_EVENTS:""",
        """        self.requests.leave_due_index(request_id)
        request = self.requests.find(request_id)
        if request is not None and request.status in END_EVENTS:""",
    ),
    Mutation(
        "a request that has ended has its events queued again",
        FINALIZE,
        """            self._end(request, error)
        self._announce(task.request_id)""",
        """            self._end(request, error)
            self._announce(task.request_id)""",
    ),
    Mutation(
        "completion is evaluated also where every chunk was done before",
        "tally/service.py",
        "for request_id in {request_id for request_id, _ in touched}:",
        "for request_id in set():",
    ),
    Mutation(
        "completion is evaluated when the number of chunks is said",
        INGEST,
        "self.settler.evaluate(request_id)",
        "pass",
    ),
    Mutation(
        "only what is complete is finalised",
        "core/settling.py",
        "if request is None or not request.is_counted:",
        "if request is None:",
    ),
    Mutation(
        "finalize looks for itself whether the request is complete",
        FINALIZE,
        "if error is None and not (request.is_counted or _was_tried(request)):",
        "if False:",
    ),
    Mutation(
        "the ids of events are fixed",
        "core/model.py",
        'return f"msg_{self.request_id}_',
        "return f\"msg_{__import__('uuid').uuid4()}_{self.request_id}_",
    ),
    Mutation(
        "a webhook that was answered is not sent again",
        "notify/deliver.py",
        "if delivery.state is not DeliveryState.WAITING or len(delivery.attempts) != task.attempt:",
        "if False:",
    ),
    Mutation(
        "recover sends again only what surely is lost",
        SWEEP,
        "return idle_since is not None and chunk.sent_at < idle_since",
        "return True",
    ),
    Mutation(
        "what was sent since the queues were seen empty is not lost",
        SWEEP,
        "return idle_since is not None and chunk.sent_at < idle_since",
        "return idle_since is not None",
    ),
    Mutation(
        "queues have to be empty twice running",
        "adapters/observations.py",
        '            self.table.update(*_KEY, "REMOVE empty_at", "attribute_exists(empty_at)", {})\n',
        "",
    ),
    Mutation(
        "recover sends again what is lost",
        SWEEP,
        "elif self._is_lost(chunk, idle_since):",
        "elif False:",
    ),
    Mutation(
        "recover settles what the stream lost",
        SWEEP,
        "if not self.settler.count(request.request_id, chunk.number)",
        "if True",
    ),
    Mutation(
        "recover evaluates completion",
        SWEEP,
        "        if self.settler.evaluate(request.request_id):\n            return\n",
        "",
    ),
    Mutation(
        "recover has the CSV read whose message was lost",
        SWEEP,
        "            self._ingest_again(request)\n",
        "            pass\n",
    ),
    Mutation(
        "recover has what follows the end done",
        SWEEP,
        "        if request.status.is_terminal:\n            self.finalize.send(FinalizeTask(request.request_id))",
        "        if request.status.is_terminal:\n            pass",
    ),
    Mutation(
        "recover has due deliveries attempted",
        SWEEP,
        "        self.notify.send(DeliveryTask(request.request_id, event, endpoint_id, len(delivery.attempts)))\n",
        "",
    ),
    Mutation(
        "a request ends at its deadline",
        SWEEP,
        "            if is_overdue:\n                self._give_up(request, chunk)",
        "            if False:\n                self._give_up(request, chunk)",
    ),
    Mutation(
        "a CSV that is never read ends at its deadline",
        SWEEP,
        "        elif request.chunks_total is None and is_overdue:",
        "        elif False:",
    ),
    Mutation(
        "what killed its worker is given up",
        DEAD,
        "            self.chunks.record(task.request_id, task.chunk, result, request.expires_at)\n",
        "            del result\n",
    ),
    Mutation(
        "an event that could not be announced is tried again",
        DEAD,
        "            self.notify.send(task)\n",
        "            pass\n",
    ),
    Mutation(
        "a delivery that died twice is worked on alone",
        WORKER,
        "message.receives > MAX_SHARED_RECEIVES",
        "message.receives > 1_000",
    ),
)
