package main

import (
	"cmp"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	apitest "github.com/iade/iade/internal/test/api"
	"github.com/iade/iade/pkg/iyzico/iyzicotest"
)

// TestTheAPIOfTheWholeSystem passes this program, as it starts itself, through the suite that every entrance passes. On
// DynamoDB the functions' binaries pass it, and this program its walk-through and kills.
func TestTheAPIOfTheWholeSystem(t *testing.T) {
	t.Parallel()
	apitest.Run(t, apitest.Target{Start: func(t *testing.T, o apitest.Options) apitest.System {
		const noCaseReaches = 100_000
		e := map[string]string{
			"IYZICO_TIMEOUT":        cmp.Or(o.IyzicoTimeout, 20*time.Second).String(), // machines are busy
			"RATE_LIMIT_PER_MINUTE": strconv.Itoa(cmp.Or(o.RatePerMinute, noCaseReaches)),
			"RETURN_URL_ORIGINS":    apitest.ShopOrigin,
		}
		if o.IyzicoDown {
			maps.Copy(e, map[string]string{
				"IYZICO_BASE_URL": apitest.ClosedPort(t), "IYZICO_API_KEY": iyzicotest.DefaultAPIKey, "IYZICO_SECRET_KEY": iyzicotest.DefaultSecretKey,
				"SETTLE_WINDOW": "10s",
			})
		}
		if o.Marketplace {
			e["MARKETPLACE"] = "on"
		}
		if o.MaxRefundsPerHour > 0 {
			e["MAX_REFUNDS_PER_HOUR"] = strconv.Itoa(o.MaxRefundsPerHour)
		}
		e["MAX_REFUND_AMOUNT_PER_DAY"] = o.MaxRefundAmountPerDay
		if o.NewMoneyOff != "" {
			e["NEW_MONEY"], e["NEW_MONEY_REASON"] = "off", o.NewMoneyOff
		}
		s, err := loadSettings(env(e))
		if err != nil {
			t.Fatal(err)
		}
		var said lines
		data := t.TempDir()
		y, err := start(t.Context(), onPort0(data), s, newLog(&said, slog.LevelDebug, false))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := y.Close(); err != nil {
				t.Error(err)
			}
			followTheSchemas(t, data)
		})
		system := apitest.System{
			FakeURL: y.IyzicoURL, Do: apitest.Over(y.URL), Secrets: []string{iyzicotest.DefaultAPIKey, iyzicotest.DefaultSecretKey},
			Traces: func(t *testing.T) []apitest.Trace {
				pages := apitest.Trace{Name: "the console's pages", Data: visit(t, y.URL, "en").everyPage()}
				return append(traces(t, data, &said), pages)
			},
		}
		if o.IyzicoDown {
			system.FakeURL = ""
		}
		return system
	}})
}

// traces are the files of the folder but the fake's, and the log.
func traces(t *testing.T, data string, said *lines) []apitest.Trace {
	t.Helper()
	all := []apitest.Trace{{Name: "the log", Data: []byte(said.String())}}
	eventually(t, "metrics are written", func() bool {
		info, err := os.Stat(filepath.Join(data, "metrics.jsonl"))
		return err == nil && info.Size() > 0
	})
	entries, err := os.ReadDir(data)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if entry.IsDir() || entry.Name() == lockName {
			continue
		}
		content, err := os.ReadFile(filepath.Join(data, entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, apitest.Trace{Name: entry.Name(), Data: content})
	}
	return all
}

// unledClient follows no redirect: it leads to a shop that does not exist.
var unledClient = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
