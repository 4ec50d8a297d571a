package lambda_test

import (
	"cmp"
	"slices"
	"strconv"
	"testing"

	apitest "github.com/iade/iade/internal/test/api"
	"github.com/iade/iade/internal/test/dynamotest"
)

// publishes lets the publish function have all that the table's stream holds, again too, as Lambda's poller may.
func (d *deployment) publishes(t *testing.T) {
	t.Helper()
	for batch := range slices.Chunk(d.streamRecords(), 100) {
		publishAll(t, d.function("publish"), batch)
	}
}

// TestTheAPIThroughTheBootstraps passes the functions' binaries through the suite that every entrance passes.
func TestTheAPIThroughTheBootstraps(t *testing.T) {
	t.Parallel()
	endpoint := dynamotest.Endpoint(t)
	apitest.Run(t, apitest.Target{Start: func(t *testing.T, o apitest.Options) apitest.System {
		settings := []string{"RATE_LIMIT_PER_MINUTE=" + strconv.Itoa(cmp.Or(o.RatePerMinute, anyRate)), "IYZICO_TIMEOUT=",
			"RETURN_URL_ORIGINS=" + apitest.ShopOrigin, "PUBLIC_BASE_URL=" + apitest.PublicURL, "CALLBACK_STATE_KEY=" + testCallbackKey}
		if o.IyzicoTimeout > 0 {
			settings = append(settings, "IYZICO_TIMEOUT="+o.IyzicoTimeout.String())
		}
		if o.IyzicoDown {
			settings = append(settings, "IYZICO_BASE_URL="+apitest.ClosedPort(t))
		}
		if o.Marketplace {
			settings = append(settings, "MARKETPLACE=on")
		}
		if o.MaxRefundsPerHour > 0 {
			settings = append(settings, "MAX_REFUNDS_PER_HOUR="+strconv.Itoa(o.MaxRefundsPerHour))
		}
		settings = append(settings, "MAX_REFUND_AMOUNT_PER_DAY="+o.MaxRefundAmountPerDay)
		if o.NewMoneyOff != "" {
			settings = append(settings, "NEW_MONEY=off", "NEW_MONEY_REASON="+o.NewMoneyOff)
		}
		d, _ := deployBus(t, endpoint, settings...)
		d.reconcile()
		system := apitest.System{FakeURL: d.fakeURL, Do: d.do, Secrets: []string{testAPIKey, testSecretKey, testCallbackKey}, Traces: d.traces, Publish: d.publishes}
		if o.IyzicoDown {
			system.FakeURL = ""
		}
		return system
	}})
}
