"""K0256: a parameter names a file that is not there."""

from __future__ import annotations

import os
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from kcc.checks.context import Context
from kcc.source.text import to_name

_TLS: Final = "ca_list ca_path certificate config crl engine_config private_key"
_FILES: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        module: frozenset(names.split())
        for module, names in {
            "acc_radius": "radius_config",
            "app_jsdt": "load",
            "app_lua": "load",
            "app_mono": "load",
            "app_perl": "filename modpath",
            "app_python": "load script_name",
            "app_python3": "load script_name",
            "app_ruby": "load",
            "app_sqlang": "load",
            "auth_identity": "privatekey_path certificate_path cainfo_path",
            "auth_radius": "radius_config",
            "carrierroute": "config_file",
            "cdp": "config_file",
            "cplc": "cpl_dtd_file",
            "db2_ldap": "config",
            "db_cassandra": "schema_path",
            "db_redis": "schema_path",
            "dispatcher": "list_file",
            "geoip": "path",
            "geoip2": "path",
            "http_async_client": "tls_client_cert tls_client_key tls_ca_path",
            "http_client": "cacert client_cert client_key config_file",
            "ims_registrar_scscf": "user_data_dtd",
            "ims_usrloc_scscf": "user_data_dtd",
            "kazoo": "amqps_ca_cert amqps_cert amqps_key",
            "ldap": "config_file",
            "misc_radius": "radius_config",
            "mohqueue": "mohdir",
            "mqtt": "ca_file ca_path certificate private_key",
            "osp": "private_key local_certificate ca_certificates",
            "peering": "radius_config",
            "permissions": "address_file default_allow_file default_deny_file",
            "regex": "file",
            "stirshaken": "as_default_key vs_ca_dir vs_crl_dir",
            "tls": _TLS,
            "tlsa": _TLS,
        }.items()
    }
)
"""Parameters that name what Kamailio reads at its start: it goes no further without it, but for
the files of permissions, whose absence means that everything is allowed."""

_INSTALLED: Final = ("/etc/", "/opt/", "/srv/", "/usr/", "/var/")


def check(context: Context) -> None:
    """Report each file once. Kamailio looks for a relative name beside the configuration or in its
    working folder, by module; here both will do, and so will a file beside the configuration that
    an absolute path names: it is on its way to that place. Where the folder of an installation is
    absent as well, another machine is meant, and that is information only."""
    folder = os.path.dirname(context.program.source)
    for param in context.program.modparams:
        value = param.value
        if not isinstance(value, bytes) or param.name not in _FILES.get(param.module, ()):
            continue
        name = to_name(value.decode("latin-1"))
        if not name or "$" in name or "\0" in name or _is_there(name, folder):
            continue
        elsewhere = name.startswith(_INSTALLED) and not os.path.isdir(os.path.dirname(name))
        context.reporter.report(
            "K0256",
            f"`{param.name}` of `{param.module}` names a file that is not there: {name}",
            param.value_span,
            severity="info" if elsewhere else None,
        )


def _is_there(name: str, folder: str) -> bool:
    beside = (name.lstrip("/"), os.path.basename(name))
    return any(map(os.path.exists, (name, *(os.path.join(folder, part) for part in beside))))
