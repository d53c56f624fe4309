"""The process table in shared memory."""

from libc.string cimport memcpy, memset, strlen
from posix.unistd cimport getpid

import time
from typing import NamedTuple

cdef extern from *:
    """
    #include <sys/types.h>
    #include <sys/wait.h>
    static int kcc_child_ended(int pid) {       /* leaves it to be reaped */
        siginfo_t si;
        si.si_pid = 0;
        return waitid(P_PID, (id_t)pid, &si, WEXITED | WNOHANG | WNOWAIT) == 0 && si.si_pid == pid;
    }
    #define kcc_store_state(p, v) __atomic_store_n((p), (v), __ATOMIC_RELEASE)
    """
    int kcc_child_ended(int pid) nogil
    void kcc_store_state(int *p, int v) nogil

cdef proc_slot unmapped[1]
process_no = 0
process_incarnation = 1
pt = unmapped
proc_slots = 1
memset(unmapped, 0, sizeof(unmapped))
unmapped[0].pid = getpid()
unmapped[0].incarnation = 1
unmapped[0].state = PROC_RUNNING
memcpy(unmapped[0].desc, b"main process", 13)


class Process(NamedTuple):
    slot: int
    pid: int
    rank: int
    desc: str
    incarnation: int
    started: int
    alive: bool


cdef size_t proc_area() noexcept nogil:
    return sizeof(proc_slot) * MAX_PROCS


cdef void proc_attach(void *area) noexcept nogil:
    global pt, proc_slots
    memset(area, 0, proc_area())
    memcpy(area, unmapped, sizeof(unmapped))
    pt = <proc_slot *>area
    pt[0].pid = getpid()
    proc_slots = MAX_PROCS


cdef bint proc_really_alive(int slot, uint32_t incarnation) noexcept nogil:
    if not proc_alive(slot, incarnation):
        return False
    return not (process_no == 0 and slot != 0 and kcc_child_ended(pt[slot].pid))


cdef int check_slot(int slot) except -1:
    if pt == unmapped:
        raise RuntimeError("the process table needs shared memory: call shm.create first")
    if slot < 0 or slot >= MAX_PROCS:
        raise ValueError(f"process slot {slot} is outside 0..{MAX_PROCS - 1}")
    return 0


def setup(str desc not None="main process - attendant"):
    check_slot(0)
    describe(0, desc)
    pt[0].pid = getpid()
    pt[0].started = <uint64_t>time.time()


cdef int describe(int slot, str desc) except -1:
    cdef bytes text = desc.encode("utf-8", "replace")[:sizeof(pt[0].desc) - 1]
    memset(pt[slot].desc, 0, sizeof(pt[0].desc))
    memcpy(pt[slot].desc, <const char *>text, len(text))
    return 0


def assign(int slot, int rank, str desc not None, int pid=0):
    check_slot(slot)
    if pt[slot].state == PROC_RUNNING and pt[slot].pid != 0:
        raise ValueError(f"process slot {slot} is taken by pid {pt[slot].pid}")
    pt[slot].pid = pid
    pt[slot].rank = rank
    pt[slot].n_held = 0
    pt[slot].waits_for = NULL
    pt[slot].started = <uint64_t>time.time()
    describe(slot, desc)
    pt[slot].incarnation += 1
    kcc_store_state(&pt[slot].state, PROC_RUNNING)
    return pt[slot].incarnation


def set_pid(int slot, int pid):
    check_slot(slot)
    pt[slot].pid = pid


def become(int slot):
    global process_no, process_incarnation
    check_slot(slot)
    if pt[slot].state != PROC_RUNNING:
        raise ValueError(f"process slot {slot} was not assigned")
    process_no = slot
    process_incarnation = pt[slot].incarnation
    pt[slot].pid = getpid()


def mark_dead(int slot):
    check_slot(slot)
    kcc_store_state(&pt[slot].state, PROC_DEAD)


def free(int slot):
    check_slot(slot)
    kcc_store_state(&pt[slot].state, PROC_FREE)


def own_slot():
    return process_no


def find_pid(int pid):
    cdef int slot
    for slot in range(proc_slots):
        if pt[slot].state == PROC_RUNNING and pt[slot].pid == pid:
            return slot
    return None


def table():
    cdef int slot
    cdef list rows = []
    for slot in range(proc_slots):
        if pt[slot].state != PROC_FREE:
            rows.append(Process(
                slot, pt[slot].pid, pt[slot].rank,
                (<bytes>pt[slot].desc[:strlen(pt[slot].desc)]).decode("utf-8", "replace"),
                pt[slot].incarnation, pt[slot].started, pt[slot].state == PROC_RUNNING,
            ))
    return rows
