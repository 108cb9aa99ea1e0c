from __future__ import annotations

import threading

import pytest
from contract_material import OWNER, STORED, Opener, add, document, put, words

from gezhi.store import Store
from gezhi.types import Cancelled, Item, JobState, NewItem, NotFound, Outcome, Status

ACCESS = frozenset({"alice", "staff"})
REFUSED = Outcome(status=Status.REFUSED, code="encrypted", message="The PDF asks for a password.")


def new(*sources: str) -> list[NewItem]:
    return [NewItem(source=source, path=f"/files/{source}", spooled=source.startswith("up")) for source in sources]


def take(store: Store, worker: str = "w1", lease_seconds: float = 60, job_id: str | None = None) -> Item:
    item = store.claim(worker, lease_seconds=lease_seconds, job_id=job_id)
    assert item is not None
    return item


def test_a_job_is_there_once_it_was_acknowledged(opener: Opener) -> None:
    job = opener().create_job("add files", new("a.txt", "upload/b.txt"), access=ACCESS)
    store = opener()
    assert store.job(job.id) == job
    assert (job.label, job.state, job.total, job.finished, job.counts) == ("add files", JobState.OPEN, 2, 0, ())
    assert store.jobs() == [job]
    assert store.status().open_jobs == 1
    first, second = take(store), take(store)
    assert (first.source, first.path, first.spooled, first.attempts) == ("a.txt", "/files/a.txt", False, 1)
    assert (second.source, second.spooled, second.access) == ("upload/b.txt", True, ACCESS)
    assert store.claim("w1", lease_seconds=60) is None


def test_an_empty_job_is_done(store: Store) -> None:
    assert store.create_job("nothing", [], access=ACCESS).state is JobState.DONE


def test_items_finish_in_order_with_their_outcomes(store: Store) -> None:
    job = store.create_job("add", new("a.txt", "b.txt", "c.txt"), access=ACCESS)
    a, b, c = take(store), take(store), take(store)
    made = document("b.txt", ["banana"])
    put(store, made, item=b)
    store.finish_item(a, REFUSED)
    assert store.job(job.id).state is JobState.OPEN  # type: ignore[union-attr]
    store.finish_item(c, Outcome(status=Status.UNCHANGED), document_id="d3")
    ended = store.items(job.id)
    assert [(item.source, item.outcome, item.document_id) for item in ended] == [
        ("b.txt", STORED, made.id),
        ("a.txt", REFUSED, None),
        ("c.txt", Outcome(status=Status.UNCHANGED), "d3"),
    ]
    assert [item.source for item in store.items(job.id, finished_after=1)] == ["a.txt", "c.txt"]
    assert [item.source for item in store.items(job.id, finished_after=1, limit=1)] == ["a.txt"]
    done = store.job(job.id)
    assert done is not None
    assert (done.state, done.finished, done.counts) == (
        JobState.DONE,
        3,
        (("refused", 1), ("stored", 1), ("unchanged", 1)),
    )
    assert store.status().open_jobs == 0


def test_jobs_are_listed_newest_first_and_claimed_oldest_first(store: Store) -> None:
    first = store.create_job("1", new("a.txt"), access=ACCESS)
    second = store.create_job("2", new("b.txt"), access=ACCESS)
    assert [job.id for job in store.jobs()] == [second.id, first.id]
    assert [job.id for job in store.jobs(limit=1)] == [second.id]
    assert take(store, job_id=second.id).source == "b.txt"
    assert take(store).source == "a.txt"
    assert store.job("nothing") is None
    assert store.items("nothing") == []


def test_a_job_with_a_key_is_continued_while_it_is_open(store: Store) -> None:
    first = store.create_job("sync", new("a.txt", "b.txt"), access=ACCESS, key="folder")
    store.finish_item(take(store), Outcome(status=Status.STORED))
    again = store.create_job("sync", new("a.txt", "b.txt", "c.txt"), access=ACCESS, key="folder")
    assert (again.id, again.total, again.finished) == (first.id, 3, 1)
    assert store.create_job("other", new("a.txt"), access=ACCESS, key="elsewhere").id != first.id
    for _ in range(2):
        store.finish_item(take(store, job_id=first.id), REFUSED)
    assert store.create_job("sync", new("a.txt"), access=ACCESS, key="folder").id != first.id
    assert len({store.create_job("", new("x"), access=ACCESS).id for _ in range(2)}) == 2


class TestLeases:
    def test_a_lease_that_ran_out_is_taken_by_another(self, store: Store) -> None:
        store.create_job("add", new("a.txt"), access=ACCESS)
        lost = take(store, "w1", lease_seconds=-1)
        taken = take(store, "w2")
        assert (taken.number, taken.attempts) == (lost.number, 2)
        assert store.claim("w3", lease_seconds=60) is None

    def test_a_renewed_lease_is_kept(self, store: Store) -> None:
        store.create_job("add", new("a.txt"), access=ACCESS)
        take(store, "w1", lease_seconds=-1)
        store.renew("w1", lease_seconds=60)
        assert store.claim("w2", lease_seconds=60) is None
        assert store.workers() == ["w1"]

    def test_released_claims_are_free_at_once(self, store: Store) -> None:
        store.create_job("add", new("a.txt", "b.txt"), access=ACCESS)
        done, mine = take(store, "w1"), take(store, "w1")
        store.finish_item(done, REFUSED)
        store.release("w1")
        assert store.workers() == []
        assert take(store, "w2").number == mine.number

    def test_a_worker_that_lost_its_claim_writes_nothing(self, store: Store) -> None:
        store.create_job("add", new("a.txt"), access=ACCESS)
        late = take(store, "w1", lease_seconds=-1)
        now = take(store, "w2")
        with pytest.raises(Cancelled):
            put(store, document("a.txt", ["late"]), item=late)
        with pytest.raises(Cancelled):
            store.finish_item(late, REFUSED)
        assert store.sources() == []
        put(store, document("a.txt", ["now"]), item=now)
        with pytest.raises(Cancelled):
            put(store, document("a.txt", ["again"]), item=now)
        assert words(store, "now late again") == ["now"]

    def test_a_released_claim_cannot_be_finished(self, store: Store) -> None:
        store.create_job("add", new("a.txt"), access=ACCESS)
        item = take(store)
        store.release("w1")
        with pytest.raises(Cancelled):
            store.finish_item(item, REFUSED)

    def test_an_item_of_no_job_is_not_found(self, store: Store) -> None:
        item = Item(job_id="x", number=1, source="a", path="/a", spooled=False, attempts=1)
        with pytest.raises(NotFound):
            store.finish_item(item, REFUSED)


def test_cancelling_ends_what_is_unfinished_and_keeps_what_is_stored(store: Store) -> None:
    job = store.create_job("add", new("a.txt", "b.txt", "c.txt"), access=ACCESS)
    put(store, document("a.txt", ["apple"]), item=take(store))
    running = take(store)
    cancelled = store.cancel_job(job.id)
    assert (cancelled.state, cancelled.finished) == (JobState.CANCELLED, 3)
    assert cancelled.counts == (("cancelled", 2), ("stored", 1))
    with pytest.raises(Cancelled):
        put(store, document("b.txt", ["banana"]), item=running)
    assert words(store, "apple banana") == ["apple"]
    assert store.claim("w", lease_seconds=60) is None
    assert store.cancel_job(job.id) == cancelled
    assert [item.source for item in store.items(job.id)] == ["a.txt", "b.txt", "c.txt"]
    with pytest.raises(NotFound):
        store.cancel_job("nothing")


def test_cancelling_a_job_that_is_done_changes_nothing(store: Store) -> None:
    job = store.create_job("add", new("a.txt"), access=ACCESS)
    store.finish_item(take(store), REFUSED)
    assert store.cancel_job(job.id).state is JobState.DONE


def test_no_item_is_taken_twice(opener: Opener) -> None:
    opener().create_job("add", new(*(f"{n}.txt" for n in range(40))), access=ACCESS)
    stores = [opener(), opener()]
    taken: list[int] = []

    def work(store: Store, worker: str) -> None:
        while (item := store.claim(worker, lease_seconds=60)) is not None:
            taken.append(item.number)
            store.finish_item(item, REFUSED)

    threads = [threading.Thread(target=work, args=(stores[n % 2], f"w{n}")) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == list(range(1, 41))
    [job] = stores[0].jobs()
    assert (job.state, job.counts) == (JobState.DONE, (("refused", 40),))


def test_removing_a_source_leaves_its_job(store: Store) -> None:
    job = store.create_job("add", new("a.txt"), access=ACCESS)
    put(store, document("a.txt", ["apple"]), item=take(store))
    add(store, "b.txt", "pear")
    store.remove(["a.txt"], OWNER)
    assert [item.source for item in store.items(job.id)] == ["a.txt"]
