/* Not needed: __init_tp sets the thread pointer itself (src/env/wasm32/__init_tls.c). */
