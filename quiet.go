package main

import "strings"

// quiet returns the variable that turns the framework's own logging off, and its value; "" where the environment asks for logs of
// providers or of the framework. Without it the framework writes a trace of every call to a CLI that drops it, at half of the
// provider's cost in a large plan (BENCHMARKS.md).
//
// The variables are those of terraform-plugin-log: https://developer.hashicorp.com/terraform/plugin/log/managing.
func quiet(environment []string) (name, value string) {
	for _, variable := range environment {
		name, value, _ := strings.Cut(variable, "=")
		asks := name == "TF_LOG" || strings.HasPrefix(name, "TF_LOG_PROVIDER") || strings.HasPrefix(name, "TF_LOG_SDK")
		if asks && value != "" {
			return "", ""
		}
	}
	return "TF_LOG_SDK", "OFF"
}
