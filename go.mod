module github.com/shadowvars/shadow

go 1.26

require github.com/cespare/xxhash/v2 v2.3.0

require github.com/anishathalye/porcupine v1.3.1
