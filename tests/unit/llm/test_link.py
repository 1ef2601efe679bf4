"""What a model child is given of our environment."""

from sutazai.llm.link import _environment


def test_nothing_in_the_environment_steers_llama_cpp_behind_our_back() -> None:
    """Some of its variables open ports or load libraries."""
    ours = {"PATH": "/bin", "LLAMA_SERVER_ROUTER_PORT": "1", "AIP_MODE": "PREDICTION", "GGML_BACKEND_PATH": "/x.so"}
    assert _environment(ours) == {"PATH": "/bin", "OMP_WAIT_POLICY": "passive", "GGML_NO_BACKTRACE": "1"}
