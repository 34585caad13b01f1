package acctest

import (
	"slices"
	"testing"
)

func TestParse(t *testing.T) {
	for _, test := range []struct {
		output, want                    string
		functions, ephemeral, writeOnly bool
	}{
		{"Terraform v1.0.11\non linux_amd64\n", "Terraform 1.0.11", false, false, false},
		{"Terraform v1.8.0-rc2\n", "Terraform 1.8.0-rc2", true, false, false},
		{"Terraform v1.10.5\n", "Terraform 1.10.5", true, true, false},
		{
			"Terraform v1.11.4\non linux_amd64\n\nYour version of Terraform is out of date!", "Terraform 1.11.4", true,
			true, true,
		},
		{"OpenTofu v1.7.1\non linux_amd64\n", "OpenTofu 1.7.1", true, false, false},
		{"OpenTofu v1.10.0\n", "OpenTofu 1.10.0", true, false, false},
		{"OpenTofu v1.12.6\n", "OpenTofu 1.12.6", true, true, true},
	} {
		t.Run(test.want, func(t *testing.T) {
			c, err := parse("cli", test.output)
			if err != nil {
				t.Errorf("%q: %v", test.output, err)
				return
			}
			if c.String() != test.want {
				t.Errorf("%q: got %s, want %s", test.output, c, test.want)
			}
			if c.Supports(Functions) != test.functions || c.Supports(Ephemeral) != test.ephemeral ||
				c.Supports(WriteOnly) != test.writeOnly {
				t.Errorf("%s: functions %t, ephemeral %t, write-only %t", c, c.Supports(Functions), c.Supports(Ephemeral),
					c.Supports(WriteOnly))
			}
		})
	}
	for _, output := range []string{"", "Pulumi v3.1.0", "Terraform vx"} {
		if c, err := parse("cli", output); err == nil {
			t.Errorf("%q: got %s, want an error", output, c)
		}
	}
}

func TestNeeds(t *testing.T) {
	for config, want := range map[string][]Feature{
		`data "alioss_presigned_url" "a" { key = "check/import/ephemeral" }`:        nil,
		`resource "terraform_data" "a" { input = 1 }`:                               {Data},
		"lifecycle {\n  postcondition {\n    condition = timecmp(a, b) > 0\n  }\n}": {Conditions, Optional},
		"lifecycle {\n  replace_triggered_by = [a.b]\n}":                            {Conditions},
		"import {\n  to = a.b\n}":                                                   {ImportBlocks},
		"check \"a\" {\n}":                                                          {Checks},
		"ephemeral \"a\" \"b\" {\n}":                                                {Ephemeral},
		"output \"a\" {\n  ephemeral = true\n}":                                     {Ephemeral},
		`output "a" { value = provider::alioss::parse_presigned_url(var.a) }`:       {Functions},
		"  verify = terraform.applying":                                             {Ephemeral},
		"  data_wo          = { url = var.url }\n  data_wo_revision = 1":            {WriteOnly},
	} {
		t.Run(config, func(t *testing.T) {
			if got := Needs(config); !slices.Equal(got, want) {
				t.Errorf("%s: got %v, want %v", config, got, want)
			}
		})
	}
}
