# What pseudo-variables show of a transaction.
from runtime.native.sipmsg cimport SipMsg

cdef int branch_in_focus(SipMsg msg)    # whose reply a failure or reply route is about, -1 none
