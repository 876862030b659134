"""What went wrong, in one of a closed set of words: tables only, no provider's name."""

from __future__ import annotations

CODES = {
    "insufficient_quota": "quota_exceeded",
    "billing_hard_limit_reached": "quota_exceeded",
    "billing_not_active": "quota_exceeded",
    "billing_error": "quota_exceeded",
    "servicequotaexceededexception": "quota_exceeded",
    "context_length_exceeded": "context_length",
    "content_filter": "content_filter",
    "content_policy_violation": "content_filter",
    "image_content_policy_violation": "content_filter",
    "moderation_blocked": "content_filter",
    "responsibleaipolicyviolation": "content_filter",
    "bio_policy": "content_filter",
    "invalid_api_key": "authentication",
    "api_key_invalid": "authentication",
    "model_not_found": "not_found",
    "deploymentnotfound": "not_found",
    "rate_limit_exceeded": "rate_limit",
    "resource_exhausted": "rate_limit",
    "throttlingexception": "rate_limit",
    # AWS answers these with 403 all the same.
    "unrecognizedclientexception": "authentication",
    "invalidsignatureexception": "authentication",
    "expiredtokenexception": "authentication",
}
"""Codes (and types that are as exact as a code) that say more than the status beside them."""

STATUSES = {
    401: "authentication",
    402: "quota_exceeded",
    403: "permission",
    404: "not_found",
    408: "timeout",
    424: "server_error",
    429: "rate_limit",
    498: "authentication",
    499: "cancelled",
    503: "overloaded",
    504: "timeout",
    524: "timeout",
    529: "overloaded",
}
"""HTTP statuses; any other 4xx is `invalid_request`, any other 5xx `server_error`."""

NAMES = {
    "invalid_request_error": "invalid_request",
    "invalid_prompt": "invalid_request",
    "invalid_argument": "invalid_request",
    "failed_precondition": "invalid_request",
    "data_residency_mismatch": "invalid_request",
    "validationexception": "invalid_request",
    "badrequesterror": "invalid_request",
    "request_too_large": "invalid_request",
    "authentication_error": "authentication",
    "unauthenticated": "authentication",
    "unauthorized": "authentication",
    "authenticationerror": "authentication",
    "permission_error": "permission",
    "permission_denied": "permission",
    "accessdeniedexception": "permission",
    "permissiondeniederror": "permission",
    "not_found_error": "not_found",
    "not_found": "not_found",
    "resourcenotfoundexception": "not_found",
    "notfounderror": "not_found",
    "timeout_error": "timeout",
    "deadline_exceeded": "timeout",
    "modeltimeoutexception": "timeout",
    "vector_store_timeout": "timeout",
    "etimedout": "timeout",
    "rate_limit_error": "rate_limit",
    "toomanyrequests": "rate_limit",
    "toomanyrequestsexception": "rate_limit",
    "ratelimiterror": "rate_limit",
    "modelnotreadyexception": "rate_limit",
    "overloaded_error": "overloaded",
    "unavailable": "overloaded",
    "serviceunavailableexception": "overloaded",
    "serviceunavailableerror": "overloaded",
    "api_error": "server_error",
    "server_error": "server_error",
    "internal": "server_error",
    "internalservererror": "server_error",
    "internalserverexception": "server_error",
    "modelerrorexception": "server_error",
    "modelstreamerrorexception": "server_error",
    "clientdisconnect": "cancelled",
    "cancellederror": "cancelled",
    "cancelled": "cancelled",
    "aborterror": "cancelled",
    "apiuseraborterror": "cancelled",
    "contextwindowexceedederror": "context_length",
    "contentpolicyviolationerror": "content_filter",
    "apiconnectionerror": "connection",
    "connecterror": "connection",
    "econnreset": "connection",
    "econnrefused": "connection",
    "enotfound": "connection",
    "eai_again": "connection",
    "epipe": "connection",
    "uf": "connection",
    "urx": "connection",
    "uh": "connection",
}
"""Types, classes and status names, in lower case without their module."""

FRAGMENTS = (
    ("timeout", "timeout"),
    ("connection", "connection"),
    ("ratelimit", "rate_limit"),
    ("image_", "invalid_request"),
    ("invalid_", "invalid_request"),
)
"""What a class or code not in the table still tells by a piece of its name, the first that fits."""

CONTEXT_MESSAGES = (
    "maximum context length",
    "prompt is too long",
    "input is too long",
    "exceeds the maximum number of tokens",
    "exceeds the context window",
)
QUOTA_MESSAGES = (
    "exceeded your current quota",
    "credit balance is too low",
    "insufficient balance",
    "billing hard limit",
    "insufficient credits",
)
VAGUE = ("invalid_request", "permission", "rate_limit", "unknown")
"""Answers that a message may still make more exact."""

_NAMED_CHARS = 120
"""How much of an error that is a plain text is searched for a name."""

_MESSAGE_CHARS = 2000
"""Only the head of a message is looked at: some servers append the whole prompt."""


def classify(status: int | None, code: object, type_: object, message: object) -> str:
    """The `error_type` of a failure: by explicit code, else HTTP status, else type or class name, else message.

    A message only ever turns a vague answer into `context_length` or `quota_exceeded`. A numeric code stands in for a
    status that is missing or says success. All arguments may be any JSON value.
    """
    code_name, type_name = _name(code), _name(type_)
    explicit = CODES.get(code_name) or CODES.get(type_name)
    if explicit is not None:
        return explicit
    if status is None or status < 400:
        status = _status(code)
    found = by_status(status) or NAMES.get(code_name) or NAMES.get(type_name)
    found = found or _by_fragment(code_name) or _by_fragment(type_name) or "unknown"
    return (_by_message(message) or found) if found in VAGUE else found


def failure(status: int | None, error: object) -> str | None:
    """The `error_type` of an answer with this status and `error`, None for a success. `error: null` is no error."""
    if not error:
        return failure_by_status(status)
    if isinstance(error, str):
        # `APITimeoutError: Request timed out.`, `connect ECONNREFUSED 10.0.0.1:443`: a word of it may be a name.
        words = error[:_NAMED_CHARS].replace(":", " ").split()
        named = next((word for word in words if _name(word) in NAMES or _by_fragment(_name(word))), None)
        if named is None and "timed out" in error[:_NAMED_CHARS].lower():
            named = "timeout"
        return classify(status, None, named, error)
    if not isinstance(error, dict):
        return classify(status, None, None, error)
    code: object = error.get("code")
    inner = error.get("innererror")
    if isinstance(inner, dict) and inner.get("code") == "ResponsibleAIPolicyViolation":
        code = inner["code"]
    if status is None:
        # Azure's and Mistral's own names; an error in a stream or in a log has nothing else to tell it.
        told = error.get("status", error.get("raw_status_code"))
        status = told if type(told) is int else None
    return classify(status, code, error.get("type"), error.get("message"))


def failure_by_status(status: int | None) -> str | None:
    """The `error_type` of an answer of which only the status is known; None for a success."""
    return classify(status, None, None, None) if status is not None and status >= 400 else None


def by_status(status: int | None) -> str | None:
    """What an HTTP status alone says; None for one that is no failure."""
    if status is None or not 400 <= status < 600:
        return None
    return STATUSES.get(status) or ("invalid_request" if status < 500 else "server_error")


def _name(value: object) -> str:
    """`openai.RateLimitError`, `com.amazonaws#ThrottlingException:http://…` → the bare name in lower case."""
    if not isinstance(value, str) or not value:
        return ""
    return value.partition(":")[0].rpartition("#")[2].rpartition(".")[2].lower()


def _status(code: object) -> int | None:
    if isinstance(code, str) and len(code) == 3 and code.isdecimal():
        return int(code)
    return code if isinstance(code, int) else None


def _by_fragment(name: str) -> str | None:
    return next((found for fragment, found in FRAGMENTS if fragment in name), None) if name else None


def _by_message(message: object) -> str | None:
    if not isinstance(message, str):
        return None
    text = message[:_MESSAGE_CHARS].lower()
    if any(pattern in text for pattern in CONTEXT_MESSAGES):
        return "context_length"
    if "resource_exhausted" in text:
        # Google says "quota" of limits that last a minute.
        return "rate_limit"
    return "quota_exceeded" if any(pattern in text for pattern in QUOTA_MESSAGES) else None
