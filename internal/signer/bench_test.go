package signer

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss"
	osscredentials "github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss/credentials"
	osssigner "github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss/signer"
)

// maxAllocs bounds the allocations of a plain GET: the URL, its working text, and little else.
const maxAllocs = 8

// benchmarkToken is as long as tokens of STS are.
var benchmarkToken = strings.Repeat("CAISzwJ1q6Ft5B2yfSjIr5fSA/+", 24)

// presigners make the URL of a plain GET: ours. sdk is Client.Presign of the official Go SDK, the
// whole that it takes there to come to a URL; sdk-signer is the SDK's bare SignerV4, which is
// handed a request whose URL is built.
func presigners(b *testing.B) map[string]func() {
	r, c := plainGET(), testCredentials()
	client, bare := sdkClient("", nil), new(osssigner.SignerV4)
	product, static := defaultProduct, &osscredentials.Credentials{AccessKeyID: testID, AccessKeySecret: testSecret}
	return map[string]func(){
		"ours": func() {
			if _, _, err := Presign(r, c, instant); err != nil {
				b.Fatal(err)
			}
		},
		"sdk": func() {
			get := &oss.GetObjectRequest{Bucket: &r.Bucket, Key: &r.Key}
			if _, err := client.Presign(context.Background(), get,
				oss.PresignExpires(time.Duration(r.Expires)*time.Second)); err != nil {
				b.Fatal(err)
			}
		},
		"sdk-signer": func() {
			request, err := http.NewRequest(r.Method, r.Scheme+"://"+r.Host+"/"+r.Key, nil)
			if err != nil {
				b.Fatal(err)
			}
			if err := bare.Sign(context.Background(), &osssigner.SigningContext{
				Product: &product, Region: &r.Region, Bucket: &r.Bucket, Key: &r.Key, Request: request, Credentials: static,
				AuthMethodQuery: true,
			}); err != nil {
				b.Fatal(err)
			}
			_ = request.URL.String()
		},
	}
}

func BenchmarkPresign(b *testing.B) {
	for _, name := range []string{"ours", "sdk", "sdk-signer"} {
		b.Run(name, func(b *testing.B) {
			presign := presigners(b)[name]
			b.ReportAllocs()
			for b.Loop() {
				presign()
			}
		})
	}
}

// BenchmarkPresignRatio signs by all in turns, and reports their medians and how many times ours
// the others take. Medians of turns stay the same on a machine that is busy with something else,
// which means do not.
func BenchmarkPresignRatio(b *testing.B) {
	presigners := presigners(b)
	took := map[string][]time.Duration{}
	for b.Loop() {
		for name, presign := range presigners {
			start := time.Now()
			presign()
			took[name] = append(took[name], time.Since(start))
		}
	}
	median := map[string]float64{}
	for name, times := range took {
		slices.Sort(times)
		median[name] = float64(times[len(times)/2])
		b.ReportMetric(median[name], name+"-p50-ns")
	}
	b.ReportMetric(median["sdk"]/median["ours"], "sdk/ours")
	b.ReportMetric(median["sdk-signer"]/median["ours"], "sdk-signer/ours")
}

// BenchmarkPresignForms signs what is heavier than a plain GET.
func BenchmarkPresignForms(b *testing.B) {
	b.Run("token", func(b *testing.B) { benchmarkOurs(b, plainGET(), benchmarkToken) })
	b.Run("hardkey", func(b *testing.B) {
		r := plainGET()
		r.Key = strings.Repeat("目录/a b+c%2F#?&~*!'()\U0001F680/", 28)
		benchmarkOurs(b, r, "")
	})
	b.Run("20params", func(b *testing.B) {
		r := plainGET()
		r.Query = map[string]string{}
		for i := range 20 {
			r.Query[fmt.Sprintf("response-parameter-%d", i)] = fmt.Sprintf("value %d; a=b", i)
		}
		benchmarkOurs(b, r, "")
	})
}

func benchmarkOurs(b *testing.B, r Request, token string) {
	c := NewCredentials(testID, testSecret, token)
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := Presign(r, c, instant); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkPresignParallel signs by 8 goroutines with the same credentials, and reports the median
// and the 99th percentile of the time that one URL takes. On fewer than 8 cores the goroutines wait
// for each other too.
func BenchmarkPresignParallel(b *testing.B) {
	for _, goroutines := range []int{1, 8} {
		b.Run(fmt.Sprintf("goroutines=%d", goroutines), func(b *testing.B) {
			r, c := plainGET(), testCredentials()
			took := make([]time.Duration, b.N)
			var wait sync.WaitGroup
			b.ReportAllocs()
			b.ResetTimer()
			for g := range goroutines {
				wait.Go(func() {
					for i := g; i < len(took); i += goroutines {
						start := time.Now()
						if _, _, err := Presign(r, c, instant); err != nil {
							b.Error(err)
							return
						}
						took[i] = time.Since(start)
					}
				})
			}
			wait.Wait()
			b.StopTimer()
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2]), "p50-ns")
			b.ReportMetric(float64(took[len(took)*99/100]), "p99-ns")
		})
	}
}

func TestPresignAllocations(t *testing.T) {
	r, c := plainGET(), testCredentials()
	allocs := testing.AllocsPerRun(1000, func() {
		if _, _, err := Presign(r, c, instant); err != nil {
			t.Fatal(err)
		}
	})
	if allocs > maxAllocs {
		t.Errorf("a plain GET took %v allocations, want at most %d", allocs, maxAllocs)
	}
}
