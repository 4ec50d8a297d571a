package config_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/iade/iade/internal/config"
)

// refusedBy tells whether CloudFormation refuses a parameter's value.
func refusedBy(p config.Parameter, value string) bool {
	if p.Values != nil {
		return !slices.Contains(p.Values, value)
	}
	return !regexp.MustCompile(p.Pattern).MatchString(value)
}

// started is what a function says to a value, deployed beside a real iyzico.
func started(p config.Parameter, value string) error {
	values := map[string]string{"IYZICO_BASE_URL": "https://api.iyzipay.com"}
	values[p.Variable] = value
	_, err := config.Load(env(values), nil)
	return err
}

// candidates are values of every kind, those of issue reports among them.
func candidates() []string {
	all := []string{
		"", "soon", "1d", "24H", " 5m", "5m ", "5 m", "-5m", "+5m", "1h30m", "90m", "0.5h", "1e3", "5.5", "0x10", "５m", "1w", "20", "100ms", "12h0m1s",
		"shop.example.com", "https://shop.example.com", "https://shop.example.com/", "https://shop.example.com:8443", "https://good@evil.example",
		"http://shop.example.com", "https://a.example,https://b.example", "https://a.example, https://b.example", "https://a.example,shop.example",
		"https://a.example;https://b.example", "https://a.example,", ",", "*", "https://*.example.com", "https://shop.example.com?x", "https://shop.example.com#x",
		"HTTPS://shop.example.com", "ftp://shop.example.com", "https://", "https:///x", "https://[::1]:1", "http://127.0.0.1:8081", "http://localhost",
		"http://localhost.evil.example", "http://127.0.0.1.evil.example", "http://host.docker.internal:8081", "https://shop.example.com:port", "https://mağaza.example",
		"/payment/refund-to-balance/init", "payment", "/", "/a b", "/a?b", "/a#b", "/" + strings.Repeat("a", 199), "/" + strings.Repeat("a", 200), "//a", "/a%2Fb", "/\u00e7",
		"on", "off", "ON", "true", "false", "no", "debug", "DEBUG", "INFO", "WARN", "WARNING", "ERROR", "INFO+1", "loud",
		"2026-01-31T12:00:00Z", "2026-02-30T12:00:00Z", "2026-02-29T12:00:00Z", "2028-02-29T12:00:00Z", "2100-02-29T00:00:00Z", "2000-02-29T00:00:00Z",
		"2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-04-31T00:00:00Z", "2026-01-31T24:00:00Z", "2026-01-31T12:60:00Z", "2026-01-31T23:59:60Z",
		"2026-01-31", "2026-01-31 12:00:00", "2026-01-31T12:00:00+03:00", "2026-1-1T00:00:00Z", "yesterday",
		"TRY:5", "TRY:5,EUR:6", "TRY:5,TRY:6", "TRY:0", "TRY:5, EUR:6", "XAU:5", ":5", "TRY:5:6", "5,TRY:6", "5000.00", "5000.001", "5000.", ".5", "0.00", "5,000", "5.000,00", "999999999999.99", "9999999999999", "1 000", "+5",
		"paused", "paused\u00a0now", "İade durduruldu", strings.Repeat("ü", 200), strings.Repeat("x", 300),
	}
	for _, n := range []int{0, 1, 4, 5, 9, 10, 27, 28, 40, 59, 60, 99, 100, 699, 700, 719, 720, 721, 999, 1000, 1439, 1440, 1441, 2159, 2160, 2161, 9999, 10000, 29999, 35999, 36499, 36500, 36501, 99999, 100000, 100001, 1000000} {
		all = append(all, fmt.Sprint(n), fmt.Sprintf("0%d", n), fmt.Sprintf("%ds", n), fmt.Sprintf("%dm", n), fmt.Sprintf("%dh", n))
	}
	return all
}

// TestTheTemplateRefusesWhatWouldStopTheFunctions: a value that CloudFormation takes is one that every function starts with.
func TestTheTemplateRefusesWhatWouldStopTheFunctions(t *testing.T) {
	t.Parallel()
	for _, p := range config.Parameters() {
		t.Run(p.Variable, func(t *testing.T) {
			t.Parallel()
			taken := 0
			for _, value := range candidates() {
				if refusedBy(p, value) {
					continue
				}
				taken++
				if err := started(p, value); err != nil {
					t.Errorf("the template takes %q, and no function starts: %v", value, err)
				}
			}
			if taken == 0 {
				t.Error("it takes nothing")
			}
		})
	}
}

// TestNoTwoValuesThatTheTemplateTakesStopTheFunctions: what Load checks of settings together can no combination break.
func TestNoTwoValuesThatTheTemplateTakesStopTheFunctions(t *testing.T) {
	t.Parallel()
	taken := map[string][]string{}
	for _, p := range config.Parameters() {
		for _, value := range candidates() {
			if !refusedBy(p, value) && !slices.Contains(taken[p.Variable], value) {
				taken[p.Variable] = append(taken[p.Variable], value)
			}
		}
		// A few are enough of values that Load takes one by one in the same way: the first, the last, and the odd ones between.
		if n := len(taken[p.Variable]); n > 12 {
			taken[p.Variable] = append(slices.Clone(taken[p.Variable][:6]), taken[p.Variable][n-6:]...)
		}
	}
	pairs := 0
	for a, values := range taken {
		for b, others := range taken {
			for _, x := range values {
				for _, y := range others {
					if a >= b {
						continue
					}
					pairs++
					// Beside them stands what the template sets by itself.
					given := map[string]string{
						"IYZICO_BASE_URL": "https://api.iyzipay.com", "IYZICO_SECRET_ARN": "arn", "CALLBACK_STATE_SECRET_ARN": "arn", "TABLE_NAME": "t", "JOURNAL_TABLE_NAME": "j",
						"EVENT_BUS_NAME": "b", "METRICS_NAMESPACE": "iade/s", a: x, b: y,
					}
					if _, err := config.Load(env(given), nil); err != nil {
						t.Errorf("%s=%q with %s=%q: %v", a, x, b, y, err)
					}
				}
			}
		}
	}
	if pairs < 2000 {
		t.Errorf("only %d pairs", pairs)
	}
}

// TestTheTemplateTakesWhatAnOperatorMeans, so that it does not refuse by being too narrow.
func TestTheTemplateTakesWhatAnOperatorMeans(t *testing.T) {
	t.Parallel()
	good := map[string][]string{
		"IyzicoBaseUrl": {"https://api.iyzipay.com", "https://sandbox-api.iyzipay.com", "http://host.docker.internal:8081"}, "PublicBaseUrl": {"", "https://refunds.example.com"},
		"ReturnUrlOrigins":    {"", "https://shop.example.com", "https://shop.example.com,https://m.example.com:8443", "https://a.example, https://b.example"},
		"RefundToBalancePath": {"/payment/refund-to-balance/init", "/v2/payment/refund-to-balance/init"}, "BalanceRefundExpiry": {"30m", "24h", "72h", "2160h", "1440m"},
		"SettleWindow": {"5m", "15m", "90m", "1h", "12h", "720m"}, "IyzicoTimeout": {"1s", "20s", "27s"}, "RateLimitPerMinute": {"5", "50", "600", "100000"},
		"TableRestoredAt": {"", "2026-01-31T12:00:00Z", "2028-02-29T23:59:59Z"}, "LogLevel": {"DEBUG", "ERROR"}, "JournalRetentionDays": {"1", "3650", "36500"}, "ReviewAbsenceFrom": {"", "5000", "5000.00", "1.5"}, "IyzicoMerchantId": {"", "3404590"}, "NewMoney": {"on", "off"}, "Marketplace": {"on", "off"},
		"MaxRefundAmountPerDay": {"", "1000", "50000.50", "TRY:50000,EUR:1000", "TRY:1,USD:1,EUR:1,GBP:1,NOK:1,RUB:1,CHF:1,IRR:1"}, "MaxRefundsPerHour": {"", "1", "200", "1000000"},
		"NewMoneyReason": {"", "İyzico yanıt vermiyor", "a\u00a0b"},
	}
	bad := map[string][]string{
		"SettleWindow": {"1m", "4m", "13h", "721m"}, "IyzicoTimeout": {"40s", "28s", "0s", "100ms"}, "BalanceRefundExpiry": {"1d", "0h", "2161h"},
		"ReturnUrlOrigins": {"shop.example.com"}, "RateLimitPerMinute": {"4", "5.5", "100001"}, "IyzicoBaseUrl": {"http://api.iyzipay.com", ""},
		"PublicBaseUrl": {"http://shop.example"}, "JournalRetentionDays": {"0", "36501", "99999", "3650d"}, "IyzicoMerchantId": {"merchant", "12345678901234567890"}, "ReviewAbsenceFrom": {"0", "5,000", "1e3", "5000.001", "-1"}, "MaxRefundAmountPerDay": {"0", "-1", "1.000", "TRY", "TRY:", "TL:1", "try:1", "TRY:1;EUR:1", "TRY:1,"}, "MaxRefundsPerHour": {"0", "-1", "1.5", "1000001"}, "TableRestoredAt": {"2026-02-30T00:00:00Z", "2026-02-29T00:00:00Z"},
	}
	for _, p := range config.Parameters() {
		for _, value := range good[p.Name] {
			if refusedBy(p, value) {
				t.Errorf("%s=%q is refused", p.Name, value)
			}
		}
		for _, value := range bad[p.Name] {
			if !refusedBy(p, value) {
				t.Errorf("%s=%q is taken", p.Name, value)
			}
		}
		if len(good[p.Name]) == 0 {
			t.Errorf("%s: no example", p.Name)
		}
	}
}
