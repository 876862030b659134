"""Records of Bedrock's APIs with what each parser must give for them: input of the contract suite."""

from __future__ import annotations

from parsers.base import Call, Part, Record, Several, Stage
from parsers.contract import Example
from tests.parsers import bodies_anthropic
from tests.parsers import bodies_aws as bodies

DETAILS = {"cached_input": 1000, "cache_write": 2492, "cache_write_1h": 492}
CONVERSED = Call(
    provider="aws.bedrock",
    operation="chat",
    input_tokens=3514,
    output_tokens=13,
    details=DETAILS,
    duration_seconds=1.843,
    request_id="7a7f0b1c-1",
    stream=False,
    service_tier="priority",
    finish_reason="tool_use",
)
PIECE = Call(provider="aws.bedrock", operation="chat", stream=True)
URL = bodies.HOST + "/model/us.anthropic.claude-sonnet-4-5-20250929-v1%3A0/converse-stream"

CONVERSE: list[Example] = [
    (Record(bodies.converse()), CONVERSED),
    (Record(bodies.converse(), bodies.request(), 200), CONVERSED._replace(request_model=bodies.CLAUDE)),
    (
        Record(bodies.converse(model="amazon.nova-pro-v1:0"), provider="bedrock"),
        CONVERSED._replace(model="amazon.nova-pro-v1:0"),
    ),
    (
        Record(
            bodies.converse(trace={"promptRouter": {"invokedModelId": "arn:aws:bedrock:::foundation-model/a.b-v1:0"}}),
            bodies.request(),
        ),
        CONVERSED._replace(model="a.b-v1:0", request_model=bodies.CLAUDE),
    ),
    *[(Record(event), Part(Stage.PIECE, PIECE)) for event in bodies.stream()[:3]],
    (Record(bodies.stream()[3]), Part(Stage.FINISHED, PIECE._replace(finish_reason="end_turn"))),
    (
        Record(bodies.metadata(), url=URL),
        Part(
            Stage.LAST,
            PIECE._replace(
                request_model=bodies.CLAUDE, input_tokens=3514, output_tokens=13, details=DETAILS, duration_seconds=0.9
            ),
        ),
    ),
    (
        Record(bodies.nova_stream()[-1]),
        Part(
            Stage.LAST,
            PIECE._replace(
                input_tokens=3514,
                output_tokens=13,
                details=DETAILS,
                duration_seconds=1.2,
                time_to_first_token_seconds=0.3,
            ),
        ),
    ),
    (
        Record(bodies.converse(performanceConfig={"latency": "optimized"}, serviceTier={"type": "default"})),
        CONVERSED._replace(service_tier="optimized"),
    ),
    (
        Record({"modelStreamErrorException": {"message": "Oops", "originalStatusCode": 424}}),
        Part(Stage.LAST, PIECE._replace(error_type="server_error")),
    ),
    (
        Record({"throttlingException": {"message": "Too many tokens"}}),
        Part(Stage.LAST, PIECE._replace(error_type="rate_limit")),
    ),
]

NATIVE = Call(provider="aws.bedrock", operation="text_completion", stream=False)
INVOKE: list[Example] = [
    (Record(bodies.llama()), NATIVE._replace(input_tokens=25, output_tokens=31, finish_reason="stop")),
    (
        Record(bodies.llama(), {"modelId": "meta.llama3-70b-instruct-v1:0", "body": "{}"}),
        NATIVE._replace(
            request_model="meta.llama3-70b-instruct-v1:0", input_tokens=25, output_tokens=31, finish_reason="stop"
        ),
    ),
    (
        Record(bodies.llama(generation_token_count=2, stop_reason=None)),
        Part(Stage.PIECE, NATIVE._replace(stream=True)),
    ),
    (
        Record({**bodies.llama(prompt_token_count=None), "amazon-bedrock-invocationMetrics": bodies.METRICS}),
        Part(
            Stage.LAST,
            NATIVE._replace(
                stream=True,
                input_tokens=25,
                output_tokens=31,
                duration_seconds=1.2,
                time_to_first_token_seconds=0.3,
                finish_reason="stop",
            ),
        ),
    ),
    (Record(bodies.titan()), NATIVE._replace(input_tokens=7, output_tokens=55, finish_reason="FINISH")),
    (
        Record({"embedding": [0.1, 0.2], "embeddingsByType": {}, "inputTextTokenCount": 9}),
        NATIVE._replace(operation="embeddings", input_tokens=9, output_tokens=0),
    ),
    (
        Record({"outputs": [{"text": "Hi", "stop_reason": "stop"}]}, status=200, headers=bodies.HEADERS),
        NATIVE._replace(input_tokens=112, output_tokens=34, details={"cached_input": 100}, duration_seconds=0.512),
    ),
    (
        Record(
            {
                "ResponseMetadata": {"RequestId": "9c1f", "HTTPStatusCode": 200, "HTTPHeaders": bodies.HEADERS},
                "contentType": "application/json",
                "body": "<botocore.response.StreamingBody object at 0x7f2a>",
                "modelId": "meta.llama3-70b-instruct-v1:0",
            }
        ),
        NATIVE._replace(
            operation="chat",
            model="meta.llama3-70b-instruct-v1:0",
            input_tokens=112,
            output_tokens=34,
            details={"cached_input": 100},
            duration_seconds=0.512,
            request_id="9c1f",
        ),
    ),
    (
        Record(bodies.openai_stream()[-1]),
        Part(
            Stage.LAST,
            NATIVE._replace(
                operation="chat",
                model="openai.gpt-oss-120b-1:0",
                input_tokens=25,
                output_tokens=31,
                duration_seconds=1.2,
                time_to_first_token_seconds=0.3,
                response_id="chatcmpl-b1",
                stream=True,
                finish_reason="stop",
            ),
        ),
    ),
    (
        Record({"results": [{"index": 0, "relevance_score": 0.9}]}, {"modelId": "cohere.rerank-v3-5:0"}, 200),
        NATIVE._replace(operation="rerank", request_model="cohere.rerank-v3-5:0"),
    ),
    (
        Record({"images": ["aGk=", "aGk="], "error": None}, {"modelId": "amazon.nova-canvas-v1:0"}, 200),
        NATIVE._replace(operation="image_generation", request_model="amazon.nova-canvas-v1:0", units={"images": 2.0}),
    ),
]

LOGGED = Call(
    provider="aws.bedrock",
    operation="chat",
    model=bodies.CLAUDE,
    request_model=bodies.CLAUDE,
    input_tokens=3514,
    output_tokens=13,
    details=DETAILS,
    duration_seconds=1.843,
    request_id="b2a3-log",
    stream=False,
)
LOG: list[Example] = [
    (Record(bodies.log()), LOGGED),
    (
        Record(bodies.claude_log()),
        LOGGED._replace(
            model="anthropic.claude-sonnet-4-5-20250929-v1:0",
            request_model="anthropic.claude-sonnet-4-5-20250929-v1:0",
            input_tokens=123,
            output_tokens=40,
            details={"cached_input": 100, "cache_write": 20, "cache_write_1h": 5},
            duration_seconds=1.2,
            time_to_first_token_seconds=0.3,
            stream=True,
        ),
    ),
    (
        Record(bodies.delivery(bodies.log(), '{"level":"info"}', "{ModelInvocationLog", bodies.log(requestId="b4"))),
        Several(
            (
                LOGGED._replace(timestamp_ns=1_795_194_007_000_000_000),
                LOGGED._replace(timestamp_ns=1_795_194_007_003_000_000, request_id="b4"),
            )
        ),
    ),
    (
        Record(
            bodies.log(
                modelId=bodies.PROFILE,
                input={"inputBodyS3Path": "s3://acme/in.json.gz", "inputTokenCount": 22, "cacheReadInputTokenCount": 8},
                output={"outputBodyS3Path": "s3://acme/out.json.gz", "outputTokenCount": 13},
                performanceConfig={"latency": "optimized"},
            )
        ),
        LOGGED._replace(
            model=bodies.PROFILE,
            request_model=bodies.PROFILE,
            input_tokens=30,
            details={"cached_input": 8},
            duration_seconds=None,
            service_tier="optimized",
        ),
    ),
    (
        Record(bodies.log(errorCode="ThrottlingException", input={}, output={}, operation="ConverseStream")),
        LOGGED._replace(
            error_type="rate_limit",
            input_tokens=None,
            output_tokens=None,
            details={},
            duration_seconds=None,
            stream=True,
        ),
    ),
]

FAILED = Call(provider="aws.bedrock", operation="chat", request_model=bodies.CLAUDE, stream=False)
THROWN = "An error occurred (ThrottlingException) when calling the Converse operation (reached max retries: 4): Wait"
ATTEMPTS: list[Example] = [
    (Record(None, bodies.request()), Part(Stage.REQUEST, FAILED)),
    (Record({"request_id": "r1", **bodies.request()}), Part(Stage.REQUEST, FAILED)),
    (
        Record(
            {
                "Error": {"Code": "ValidationException", "Message": "Input is too long for requested model."},
                "ResponseMetadata": {"RequestId": "e1", "HTTPStatusCode": 400},
            },
            bodies.request(),
        ),
        FAILED._replace(error_type="context_length", request_id="e1"),
    ),
    (
        Record({"message": "Too many requests"}, status=429, url=URL, headers={"x-amzn-errortype": "X:http://a/"}),
        FAILED._replace(error_type="rate_limit", stream=True),
    ),
    (Record({"error": THROWN, "level": "error"}), FAILED._replace(error_type="rate_limit", request_model=None)),
    (
        Record({"__type": "com.amazon.coral.service#AccessDeniedException", "Message": "No"}, bodies.request()),
        FAILED._replace(error_type="permission"),
    ),
    (
        Record(
            {
                "name": "ModelTimeoutException",
                "$fault": "client",
                "$metadata": {"httpStatusCode": 408, "requestId": "j"},
            },
            bodies.request(),
        ),
        FAILED._replace(error_type="timeout", request_id="j"),
    ),
    (Record(None, bodies.request(), 503), FAILED._replace(error_type="overloaded")),
]

BATCHED = Call(provider="aws.bedrock", operation="chat", stream=False, service_tier="batch")
BATCH: list[Example] = [
    (
        Record({"recordId": "1", "modelInput": bodies_anthropic.request(), "modelOutput": bodies_anthropic.plain()}),
        BATCHED._replace(
            model=bodies_anthropic.MODEL,
            input_tokens=25,
            output_tokens=15,
            response_id="msg_01XFDUDYJgAACzvnptvVoYEL",
            finish_reason="end_turn",
        ),
    ),
    (
        Record({"recordId": "2", "modelInput": {"prompt": "Hi"}, "modelOutput": bodies.llama()}),
        BATCHED._replace(operation="text_completion", input_tokens=25, output_tokens=31, finish_reason="stop"),
    ),
    (
        Record(
            {
                "recordId": "3",
                "modelInput": {"messages": []},
                "modelOutput": {"usage": bodies.usage(), "stopReason": "x"},
            }
        ),
        BATCHED._replace(input_tokens=3514, output_tokens=13, details=DETAILS, finish_reason="x"),
    ),
    (
        Record({"recordId": "4", "modelInput": {"inputText": "Hi"}, "modelOutput": {"vector": [0.1]}}),
        BATCHED._replace(request_id="4"),
    ),
    (
        Record({"recordId": "5", "modelInput": {}, "error": {"errorCode": 400, "errorMessage": "bad request"}}),
        BATCHED._replace(error_type="invalid_request", request_id="5"),
    ),
]

BY_PARSER: dict[str, list[Example]] = {
    "bedrock_converse": CONVERSE,
    "bedrock_invoke": INVOKE,
    "bedrock_log": LOG,
    "bedrock_batch": BATCH,
    "bedrock_attempt": ATTEMPTS,
}
