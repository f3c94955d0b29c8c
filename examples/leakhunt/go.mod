module github.com/shadowvars/shadow/examples/leakhunt

go 1.26.0

require (
	github.com/shadowvars/shadow v0.0.0-00010101000000-000000000000
	github.com/shadowvars/shadow/shadowpprof v0.0.0-00010101000000-000000000000
)

require (
	github.com/cespare/xxhash/v2 v2.3.0 // indirect
	github.com/google/pprof v0.0.0-20261105003125-4bf881d7fb0b // indirect
)

replace (
	github.com/shadowvars/shadow => ../..
	github.com/shadowvars/shadow/shadowpprof => ../../shadowpprof
)
