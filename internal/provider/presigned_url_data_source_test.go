package provider

import (
	"net/http"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/alioss/terraform-provider-alioss/internal/acctest"
	"github.com/alioss/terraform-provider-alioss/internal/osstest"
)

func TestDataSourceSigns(t *testing.T) {
	w := newWorld(t)
	w.put(t, osstest.Object{Key: "agent/agent 1.tar.gz", Body: []byte("agent")})
	const address = "data.alioss_presigned_url.test"
	var marks []statecheck.StateCheck
	if acctest.Require(t).Supports(acctest.ShownMarks) {
		marks = append(marks, statecheck.ExpectSensitiveValue(address, tfjsonpath.New("url")))
	}
	w.test(t, resource.TestStep{
		Config: `
data "alioss_presigned_url" "test" {
  bucket = "examplebucket"
  key    = "agent/agent 1.tar.gz"
}`,
		ConfigStateChecks: append(marks, []statecheck.StateCheck{
			statecheck.ExpectKnownValue(address, tfjsonpath.New("expires_at"), knownvalue.StringExact("2026-03-01T13:00:00Z")),
			statecheck.ExpectKnownValue(address, tfjsonpath.New("signing_time"), knownvalue.StringExact("2026-03-01T12:00:00Z")),
			statecheck.ExpectKnownValue(address, tfjsonpath.New("expiry"), knownvalue.StringExact("1h")),
			statecheck.ExpectKnownValue(address, tfjsonpath.New("method"), knownvalue.StringExact("GET")),
			statecheck.ExpectKnownValue(address, tfjsonpath.New("region"), knownvalue.StringExact("cn-hangzhou")),
			statecheck.ExpectKnownValue(address, tfjsonpath.New("signed_headers"), knownvalue.MapSizeExact(0)),
			statecheck.ExpectKnownValue(address, tfjsonpath.New("url"), w.accepted(http.MethodGet, "agent/agent 1.tar.gz", nil)),
		}...),
	})
}

func TestDataSourceRotation(t *testing.T) {
	w := newWorld(t)
	const config = `
data "alioss_presigned_url" "test" {
  bucket       = "examplebucket"
  key          = "a"
  expiry       = "2d"
  rotate_every = "1d"
}
resource "terraform_data" "server" {
  triggers_replace = data.alioss_presigned_url.test.url
}`
	unchanged := func(at time.Time) resource.TestStep {
		return resource.TestStep{
			PreConfig: func() { w.clock.Set(at) }, Config: config,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
		}
	}
	midnight := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	replaced := unchanged(midnight)
	replaced.ConfigPlanChecks.PreApply = []plancheck.PlanCheck{
		plancheck.ExpectResourceAction("terraform_data.server", plancheck.ResourceActionReplace),
	}
	w.test(t,
		resource.TestStep{Config: config},
		unchanged(start.Add(time.Second)),
		unchanged(midnight.Add(-time.Second)),
		replaced,
		unchanged(midnight.Add(time.Second)),
		unchanged(midnight.Add(24*time.Hour-time.Second)),
	)
}
