"""XML-RPC documents, read and written as Kamailio does (``xmlrpc.c``). No transport here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from xml.etree.ElementTree import Element, ParseError, XMLParser

from runtime.server.rpc import RpcArray, RpcFault, RpcStruct, RpcValue, Whole

HEAD: Final = '<?xml version="1.0"?>\n<methodResponse>\n'
SUCCESS: Final = f"{HEAD}<params>\n<param>\n<value>"
SUCCESS_END: Final = "</value>\n</param>\n</params>\n</methodResponse>"
ARRAY: Final = "<array><data>\n"
ARRAY_END: Final = "</data></array>"

_DTD: Final = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.I)
_NO_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Call:
    """A ``methodCall``: the method's name and the elements of its parameters."""

    method: str
    params: tuple[Element, ...]


def read(body: bytes) -> Call:
    """The call in a document. Raises RpcFault: none, or no XML; documents have no DTD."""
    try:
        if _DTD.search(body):
            raise ParseError("a document type is not allowed")
        parser = XMLParser()
        parser.feed(body)
        root = parser.close()
    except (ParseError, ValueError, LookupError):
        raise RpcFault(400, "Invalid XML-RPC Document") from None
    if root.tag != "methodCall":
        raise RpcFault(400, "Root Element Is Not methodCall")
    name, params = root.find("methodName"), root.find("params")
    if name is None:
        raise RpcFault(400, "Method Name Not Found")
    if not name.text:
        raise RpcFault(400, "Cannot Extract Method Name")
    if params is None:
        return Call(name.text, ())
    only_blanks = len(params) == 0 and bool(params.text)
    return Call(name.text, (params,) if only_blanks else tuple(params))  # blanks are a wrong one


class Writer:
    """Makes documents; ``escape_cr`` as the parameter of the module."""

    def __init__(self, escape_cr: bool) -> None:
        self._escape_cr = escape_cr

    def fault(self, refusal: RpcFault) -> bytes:
        """The document of a refused call."""
        text = (
            f"{HEAD}<fault>\n<value>\n<struct>\n<member>\n<name>faultCode</name>\n"
            f"<value><int>{refusal.code}</int></value>\n</member>\n<member>\n"
            f"<name>faultString</name>\n<value><string>{self._text(refusal.text)}</string></value>\n"
            "</member>\n</struct>\n</value>\n</fault>\n</methodResponse>"
        )
        return _octets(text)

    def reply(self, results: list[RpcValue], as_array: bool) -> bytes:
        """The document of a call that went well; without ``as_array``, values follow each other."""
        if not as_array:
            body = "".join(self._value(value) + "\n" for value in results)
        else:
            rows = (f"<value>{self._value(value)}</value>\n" for value in results)
            body = ARRAY + "".join(rows) + ARRAY_END
        return _octets(SUCCESS + body + SUCCESS_END)

    def _text(self, text: str) -> str:
        text = _NO_XML.sub("\N{REPLACEMENT CHARACTER}", text)
        text = text.replace("&", "&amp;").replace("<", "&lt;")
        return text.replace("\r", "&#xD;") if self._escape_cr else text

    def _value(self, value: RpcValue) -> str:
        if isinstance(value, RpcStruct):
            members = (self._member(name, of) for name, of in value.members)
            return "<struct>" + "".join(members) + "</struct>"
        if isinstance(value, RpcArray):
            return ARRAY + "".join(self._item(name, of) for name, of in value.items) + ARRAY_END
        if value is None:
            return "<nil/>"
        if isinstance(value, Whole):
            return f"<double>{int(value)}</double>"
        if isinstance(value, float):
            return f"<double>{value:f}</double>"
        if isinstance(value, int):
            return f"<int>{value}</int>"
        text = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
        return f"<string>{self._text(text)}</string>"

    def _member(self, name: str, value: RpcValue) -> str:
        return (
            f"<member><name>{self._text(name)}</name><value>{self._value(value)}</value></member>"
        )

    def _item(self, name: str, value: RpcValue) -> str:
        """An item that has a name is a structure of one member; a plain one stands bare."""
        if not name:
            return f"<value>{self._value(value)}</value>"
        member = self._member(name, value)
        is_struct = isinstance(value, RpcStruct)
        return f"<value><struct>{member}</struct></value>" if is_struct else member


def _octets(text: str) -> bytes:
    """Names may hold octets that were no UTF-8."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace").encode()
