package config_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/iade/iade/internal/config"
)

func env(values map[string]string) func(string) string {
	return func(name string) string { return values[name] }
}

func TestAnEmptyEnvironmentGivesTheContractsDefaults(t *testing.T) {
	t.Parallel()
	s, err := config.Load(env(nil), nil)
	if err != nil {
		t.Fatal(err)
	}
	if s.SettleWindow != time.Hour || s.IyzicoTimeout != 20*time.Second || s.RateLimitPerMinute != 50 ||
		s.BalanceRefundExpiry != 24*time.Hour || s.MetricsNamespace != "iade" || s.RefundToBalancePath != "/payment/refund-to-balance/init" {
		t.Errorf("defaults = %+v", s)
	}
}

func TestAProgramMayHaveItsOwnDefaults(t *testing.T) {
	t.Parallel()
	s, err := config.Load(env(map[string]string{"IYZICO_TIMEOUT": "3s"}), map[string]string{"SETTLE_WINDOW": "10s", "IYZICO_TIMEOUT": "5s"})
	if err != nil || s.SettleWindow != 10*time.Second || s.IyzicoTimeout != 3*time.Second {
		t.Errorf("settings = %+v, %v", s, err)
	}
}

func TestWrongConfigurationIsOneLineThatNamesEveryVariable(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		env  map[string]string
		want []string
	}{
		"several":        {map[string]string{"SETTLE_WINDOW": "soon", "RATE_LIMIT_PER_MINUTE": "0", "LOG_LEVEL": "loud"}, []string{"SETTLE_WINDOW", "RATE_LIMIT_PER_MINUTE", "LOG_LEVEL"}},
		"arn and keys":   {map[string]string{"IYZICO_SECRET_ARN": "arn:x", "IYZICO_API_KEY": "a", "IYZICO_SECRET_KEY": "canary"}, []string{"IYZICO_SECRET_ARN"}},
		"one key":        {map[string]string{"IYZICO_API_KEY": "canary"}, []string{"IYZICO_SECRET_KEY"}},
		"two callbacks":  {map[string]string{"CALLBACK_STATE_SECRET_ARN": "arn:x", "CALLBACK_STATE_KEY": "canary"}, []string{"CALLBACK_STATE_KEY"}},
		"short window":   {map[string]string{"IYZICO_BASE_URL": "https://api.example.com", "SETTLE_WINDOW": "4m59s"}, []string{"SETTLE_WINDOW"}},
		"plain http":     {map[string]string{"IYZICO_BASE_URL": "http://api.example.com"}, []string{"IYZICO_BASE_URL"}},
		"path in origin": {map[string]string{"IYZICO_BASE_URL": "https://api.example.com/v2"}, []string{"IYZICO_BASE_URL"}},
		"userinfo":       {map[string]string{"RETURN_URL_ORIGINS": "https://good@evil.example"}, []string{"RETURN_URL_ORIGINS"}},
		"open callback":  {map[string]string{"IYZICO_BASE_URL": "https://api.example.com", "PUBLIC_BASE_URL": "http://shop.example"}, []string{"PUBLIC_BASE_URL"}},
		"short key":      {map[string]string{"CALLBACK_STATE_KEY": "canary"}, []string{"CALLBACK_STATE_KEY"}},
		"restored":       {map[string]string{"TABLE_RESTORED_AT": "yesterday"}, []string{"TABLE_RESTORED_AT"}},
		"AWS's metrics":  {map[string]string{"METRICS_NAMESPACE": "AWS/Lambda"}, []string{"METRICS_NAMESPACE"}},
		"odd metrics":    {map[string]string{"METRICS_NAMESPACE": "iade\"x"}, []string{"METRICS_NAMESPACE"}},
		"new money":      {map[string]string{"NEW_MONEY": "no"}, []string{"NEW_MONEY"}},
		"balance path":   {map[string]string{"REFUND_TO_BALANCE_PATH": "init?x"}, []string{"REFUND_TO_BALANCE_PATH"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := config.Load(env(c.env), nil)
			if err == nil {
				t.Fatal("accepted")
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q does not name %s", err, want)
				}
			}
			if strings.ContainsAny(err.Error(), "\n") || strings.Contains(err.Error(), "canary") {
				t.Errorf("%q is not one clean line", err)
			}
		})
	}
}

func TestAShortSettleWindowIsFineOnLoopback(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"http://127.0.0.1:8081", "http://localhost:1", "http://[::1]:1", "http://host.docker.internal:8081"} {
		if _, err := config.Load(env(map[string]string{"IYZICO_BASE_URL": url, "SETTLE_WINDOW": "10s"}), nil); err != nil {
			t.Errorf("%s: %v", url, err)
		}
	}
}

func TestKeysNeverPrint(t *testing.T) {
	t.Parallel()
	s, err := config.Load(env(map[string]string{"IYZICO_API_KEY": "canary-1", "IYZICO_SECRET_KEY": "canary-2", "CALLBACK_STATE_KEY": "canary-3-canary-3"}), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		if text := fmt.Sprintf(format, s); strings.Contains(text, "canary") {
			t.Errorf("%s prints a key: %s", format, text)
		}
	}
	if s.IyzicoAPIKey.Reveal() != "canary-1" {
		t.Error("the key is lost")
	}
}

func TestNewMoneyIsOnUnlessItIsOff(t *testing.T) {
	t.Parallel()
	for value, off := range map[string]bool{"": false, "on": false, " off ": true} {
		reason := strings.Repeat("ü", 200)
		s, err := config.Load(env(map[string]string{"NEW_MONEY": value, "NEW_MONEY_REASON": " " + reason}), nil)
		if err != nil || s.NewMoneyOff != off || s.NewMoneyReason != reason {
			t.Errorf("%q: %v %q %v", value, s.NewMoneyOff, s.NewMoneyReason, err)
		}
	}
}

// A reason that stopped the start would stop looking up, settling and publishing with it.
func TestAnyReasonIsTaken(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct{ value, want string }{
		"plain":           {"İyzico yanıt vermiyor", "İyzico yanıt vermiyor"},
		"no-break spaces": {"paused\u00a0until\u202fnoon", "paused until noon"},
		"two lines":       {"paused\r\n\tuntil noon\x00", "paused until noon"},
		"direction marks": {"\u200fpaused\u202e!", "paused !"},
		"broken UTF-8":    {"paused\xff\xfe now", "paused now"},
		"too long":        {strings.Repeat("ü", 201), strings.Repeat("ü", 200)},
		"cut at a space":  {strings.Repeat("ü", 199) + " x", strings.Repeat("ü", 199)},
		"nothing else":    {"\u00a0", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := config.Load(env(map[string]string{"NEW_MONEY": "off", "NEW_MONEY_REASON": x.value}), nil)
			if err != nil || s.NewMoneyReason != x.want || !s.NewMoneyOff {
				t.Errorf("%q: %q, %v", x.value, s.NewMoneyReason, err)
			}
		})
	}
}

func TestAnAmountFromWhichAPersonDecides(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{"": "0", "1000": "1000", "999.50": "999.5"} {
		s, err := config.Load(env(map[string]string{"REVIEW_ABSENCE_FROM": value}), nil)
		if err != nil || s.ReviewAbsenceFrom.String() != want {
			t.Errorf("%q: %s, %v", value, s.ReviewAbsenceFrom, err)
		}
	}
	for _, value := range []string{"much", "-1", "0", "1,000", "1.234"} {
		if _, err := config.Load(env(map[string]string{"REVIEW_ABSENCE_FROM": value}), nil); err == nil || !strings.Contains(err.Error(), "REVIEW_ABSENCE_FROM") {
			t.Errorf("%q: %v", value, err)
		}
	}
}

func TestTheMerchantOfNotices(t *testing.T) {
	t.Parallel()
	for _, value := range []string{"", "1", "3404590", "1234567890123456789"} {
		if s, err := config.Load(env(map[string]string{"IYZICO_MERCHANT_ID": value}), nil); err != nil || s.IyzicoMerchantID != value {
			t.Errorf("%q: %q, %v", value, s.IyzicoMerchantID, err)
		}
	}
	for _, value := range []string{"merchant", "-1", "1.5", "12345678901234567890", "1 2"} {
		if _, err := config.Load(env(map[string]string{"IYZICO_MERCHANT_ID": value}), nil); err == nil || !strings.Contains(err.Error(), "IYZICO_MERCHANT_ID") {
			t.Errorf("%q: %v", value, err)
		}
	}
}
