package main

import "strings"

// quiet returns the variables that are to be "OFF", so that the framework and the provider write no logs; none where the environment
// asks for logs of either, or settles the framework's by itself. Without them the framework writes a trace of every call to a CLI that
// drops it, which a large plan feels (BENCHMARKS.md, "the framework's traces on").
//
// The variables are those of terraform-plugin-log: https://developer.hashicorp.com/terraform/plugin/log/managing.
func quiet(environment []string) []string {
	for _, variable := range environment {
		name, value, _ := strings.Cut(variable, "=")
		asks := (name == "TF_LOG" || strings.HasPrefix(name, "TF_LOG_PROVIDER")) && !strings.EqualFold(value, "OFF")
		if value != "" && (asks || strings.HasPrefix(name, "TF_LOG_SDK")) {
			return nil
		}
	}
	return []string{"TF_LOG_SDK", "TF_LOG_PROVIDER_ALIOSS"}
}
