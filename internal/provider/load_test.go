package provider

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/alioss/terraform-provider-alioss/internal/osstest"
	"github.com/alioss/terraform-provider-alioss/internal/testworld"
)

// uriAnswers is a credentials URI that counts its requests.
type uriAnswers struct {
	requests atomic.Int64
	body     []byte
}

func (u *uriAnswers) RoundTrip(r *http.Request) (*http.Response, error) {
	u.requests.Add(1)
	return testworld.Answer(r, http.StatusOK, string(u.body)), nil
}

// TestLoad reads a data source 1,000 times at once in one provider, as a CLI with -parallelism=1000
// would (run it with -race). Every URL is accepted for its own key, and the credentials were
// requested once.
func TestLoad(t *testing.T) {
	const reads = 1000
	w := newWorld(t)
	end := start.Add(6 * time.Hour)
	answer, err := json.Marshal(map[string]string{
		"Code": "Success", "AccessKeyId": "STS.load", "AccessKeySecret": testSecret, "SecurityToken": testToken,
		"Expiration": end.Format(time.RFC3339),
	})
	if err != nil {
		t.Fatal(err)
	}
	uri := &uriAnswers{body: answer}
	w.transport = uri
	w.variables = map[string]string{
		"ALIBABA_CLOUD_CREDENTIALS_URI": "http://127.0.0.1:1/credentials", "OSS_REGION": "cn-hangzhou",
	}
	w.oss.SetCredential(osstest.Credential{
		AccessKeyID: "STS.load", AccessKeySecret: testSecret, SecurityToken: testToken, Expiration: end,
	})
	s := w.configured(t, args{})
	schema := schemaOf("data", "alioss_presigned_url")

	requests := make([]*tfprotov6.ReadDataSourceRequest, reads)
	for i := range requests {
		config := s.dynamic(schema, args{
			"bucket": "examplebucket", "key": fmt.Sprintf("目录/file %d", i), "filename": fmt.Sprintf("%d.bin", i),
		})
		requests[i] = &tfprotov6.ReadDataSourceRequest{TypeName: "alioss_presigned_url", Config: config}
	}
	responses, errs := make([]*tfprotov6.ReadDataSourceResponse, reads), make([]error, reads)
	gate := make(chan struct{})
	var all sync.WaitGroup
	for i := range requests {
		all.Go(func() {
			<-gate
			responses[i], errs[i] = s.server.ReadDataSource(t.Context(), requests[i])
		})
	}
	close(gate)
	all.Wait()

	for i, response := range responses {
		if errs[i] != nil || hasError(response.Diagnostics) {
			t.Fatalf("read %d: %v\n%s", i, errs[i], describe(response.Diagnostics))
		}
		verified, err := w.oss.Verify(http.MethodGet, s.result(schema, response.State).text("url"), nil)
		if err != nil {
			t.Fatalf("read %d: %v", i, err)
		}
		if want := fmt.Sprintf("目录/file %d", i); verified.Key != want {
			t.Fatalf("read %d: a URL for %q, want %q", i, verified.Key, want)
		}
	}
	if n := uri.requests.Load(); n != 1 {
		t.Errorf("the credentials URI was asked %d times, want once", n)
	}
}
