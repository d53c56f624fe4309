"""What module ``cfgutils`` offers. Source: its C tables in Kamailio 5.6.3."""

from __future__ import annotations

from runtime.declare.exports import (
    Accepts,
    Arg,
    Exports,
    Fixup,
    Function,
    Param,
    ParamKind,
    PseudoVar,
    PvType,
    RpcCommand,
    Takes,
)

CONSTANT = Takes.CONSTANT
INT = Fixup.INT
STR = Fixup.STR
VAL_PV = Fixup.VAL_PV
STR_PV = Fixup.STR_PV
GFLAG = Arg("flag", INT, accepts=Accepts.FLAG_NUMBER)
KEY = Arg("key", STR_PV)
TIME = Arg("time", VAL_PV, accepts=Accepts.INT_PV)
ROUTE = Arg("route", STR_PV)

EXPORTS = Exports(
    name="cfgutils",
    functions=(
        Function(
            "rand_set_prob",
            (Arg("probability", STR, accepts=Accepts.PERCENT),),
            takes=CONSTANT,
            stops=False,
        ),
        Function("rand_reset_prob", stops=False),
        Function("rand_get_prob"),
        Function("rand_event", stops=False),
        Function("sleep", (TIME,), stops=False),
        Function("usleep", (TIME,), stops=False),
        Function("abort"),
        Function("pkg_status", stops=False),
        Function("shm_status", stops=False),
        Function("pkg_summary", stops=False),
        Function("shm_summary", stops=False),
        Function("set_gflag", (GFLAG,), takes=CONSTANT, stops=False),
        Function("reset_gflag", (GFLAG,), takes=CONSTANT, stops=False),
        Function("is_gflag", (GFLAG,), takes=CONSTANT, stops=False),
        Function("lock", (KEY,), stops=False),
        Function("unlock", (KEY,), stops=False),
        Function("trylock", (KEY,), stops=False),
        Function(
            "core_hash",
            (
                Arg("string1", STR_PV),
                Arg("string2", STR_PV),
                Arg("size", VAL_PV, accepts=Accepts.INT_PV),
            ),
            takes=CONSTANT,
        ),
        Function("check_route_exists", (ROUTE,), stops=False),
        Function("route_if_exists", (ROUTE,)),
    ),
    params=(
        Param("initial_probability", ParamKind.INT, 10),
        Param("initial_gflags", ParamKind.INT, 0),
        Param("hash_file", ParamKind.STR),
        Param("lock_set_size", ParamKind.INT, 0),
    ),
    pvs=(PseudoVar("RANDOM", PvType.INT),),
    rpc=(
        RpcCommand("cfgutils.is_gflag", "Checks if the bits of the argument are all set."),
        RpcCommand("cfgutils.set_gflag", "Sets the bits of the argument."),
        RpcCommand("cfgutils.get_gflags", "The value of the global flags."),
        RpcCommand("cfgutils.reset_gflag", "Resets the bits of the argument."),
        RpcCommand("cfgutils.rand_set_prob", "Sets the probability of rand_event."),
        RpcCommand("cfgutils.rand_reset_prob", "Resets the probability of rand_event."),
        RpcCommand("cfgutils.rand_get_prob", "The probability of rand_event."),
        RpcCommand("cfgutils.get_config_hash", "The MD5 of hash_file at the start."),
        RpcCommand("cfgutils.check_config_hash", "Whether hash_file is as it was at the start."),
    ),
)
