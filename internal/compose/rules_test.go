package compose_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/iade/iade/internal/compose"
	"github.com/iade/iade/internal/config"
)

// TestEverySettingOfTheDomainReachesIt: a field of payment.Rules that compose.Rules forgets stays zero here.
func TestEverySettingOfTheDomainReachesIt(t *testing.T) {
	t.Parallel()
	set := map[string]string{
		"SETTLE_WINDOW": "7m", "IYZICO_TIMEOUT": "11s", "TABLE_RESTORED_AT": "2031-03-10T09:00:00Z", "BALANCE_REFUND_EXPIRY": "3h",
		"NEW_MONEY": "off", "NEW_MONEY_REASON": "the bank is closed", "REVIEW_ABSENCE_FROM": "5000", "MARKETPLACE": "on",
		"MAX_REFUND_AMOUNT_PER_DAY": "1000", "MAX_REFUNDS_PER_HOUR": "7",
	}
	settings, err := config.Load(func(name string) string { return set[name] }, nil)
	if err != nil {
		t.Fatal(err)
	}
	rules := reflect.ValueOf(compose.Rules(settings, time.Second))
	for i := range rules.NumField() {
		if rules.Field(i).IsZero() {
			t.Errorf("%s does not come from the settings", rules.Type().Field(i).Name)
		}
	}
}
