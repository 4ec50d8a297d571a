// Package config is the one table of settings: names, defaults, checks. Every program reads its environment through
// Load, and the template is tested against Variables.
package config

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"github.com/iade/iade/internal/money"
	"github.com/iade/iade/internal/secret"
)

// Settings are the environment's settings after every check. Secrets are not part of them but for local
// programs' keys, and those print as [set].
type Settings struct {
	TableName         string
	DynamoDBEndpoint  string
	EventBusName      string
	IyzicoBaseURL     string
	IyzicoSecretARN   string
	IyzicoAPIKey      secret.Text
	IyzicoSecretKey   secret.Text
	CallbackSecretARN string
	CallbackStateKey  secret.Text

	PublicBaseURL         string
	ReturnURLOrigins      []string
	RefundToBalancePath   string
	BalanceRefundExpiry   time.Duration
	SettleWindow          time.Duration
	IyzicoTimeout         time.Duration
	RateLimitPerMinute    int
	TableRestoredAt       time.Time         // zero = never restored
	ReviewAbsenceFrom     decimal.Decimal   // from this amount on, in any currency, a person decides where iyzico lists nothing; zero = never
	MaxRefundAmountPerDay money.PerCurrency // the merchant's own limit on money that leaves in a day of Istanbul; zero = none
	MaxRefundsPerHour     int               // the merchant's own limit on refunds and cancels of an hour; 0 = none
	Marketplace           bool              // refunds may be charged to the merchant (chargedTo)
	IyzicoMerchantID      string            // the merchant whose notices count; empty = whomever they name
	APITokensFile         string            // cmd/local: who may call, as lines of scope and token's SHA-256; empty = who is on this machine
	LogLevel              slog.Level

	JournalTableName string        // the deployed journal's; empty = none, and nothing is found in it
	JournalKept      time.Duration // how long a record is kept there

	NewMoneyOff      bool   // NEW_MONEY is off: nothing that moves money is asked of iyzico, what was asked is settled
	NewMoneyReason   string // told to callers who are refused then
	MetricsNamespace string
}

// Variable is one environment variable. An empty value means unset, because SAM cannot leave a declared one out.
type Variable struct {
	Name    string
	Default string
	read    func(*Settings, string) error
}

// Variables lists every variable that the code reads, in the order of docs/settings.md.
func Variables() []Variable {
	return []Variable{
		{"TABLE_NAME", "", text(func(s *Settings) *string { return &s.TableName })},
		{"AWS_ENDPOINT_URL_DYNAMODB", "", origin(func(s *Settings) *string { return &s.DynamoDBEndpoint })},
		{"EVENT_BUS_NAME", "", text(func(s *Settings) *string { return &s.EventBusName })},
		{"IYZICO_BASE_URL", "", origin(func(s *Settings) *string { return &s.IyzicoBaseURL })},
		{"IYZICO_SECRET_ARN", "", text(func(s *Settings) *string { return &s.IyzicoSecretARN })},
		{"IYZICO_API_KEY", "", key(func(s *Settings) *secret.Text { return &s.IyzicoAPIKey })},
		{"IYZICO_SECRET_KEY", "", key(func(s *Settings) *secret.Text { return &s.IyzicoSecretKey })},
		{"CALLBACK_STATE_SECRET_ARN", "", text(func(s *Settings) *string { return &s.CallbackSecretARN })},
		{"CALLBACK_STATE_KEY", "", key(func(s *Settings) *secret.Text { return &s.CallbackStateKey })},
		{"PUBLIC_BASE_URL", "", origin(func(s *Settings) *string { return &s.PublicBaseURL })},
		{"RETURN_URL_ORIGINS", "", origins},
		{"REFUND_TO_BALANCE_PATH", "/payment/refund-to-balance/init", path},
		{"BALANCE_REFUND_EXPIRY", "24h", duration(time.Minute, 90*24*time.Hour, func(s *Settings) *time.Duration { return &s.BalanceRefundExpiry })},
		{"SETTLE_WINDOW", "1h", duration(time.Second, 12*time.Hour, func(s *Settings) *time.Duration { return &s.SettleWindow })},
		{"IYZICO_TIMEOUT", "20s", duration(100*time.Millisecond, 27*time.Second, func(s *Settings) *time.Duration { return &s.IyzicoTimeout })},
		{"RATE_LIMIT_PER_MINUTE", "50", rate},
		{"TABLE_RESTORED_AT", "", restoredAt},
		{"REVIEW_ABSENCE_FROM", "", reviewAbsence},
		{"MARKETPLACE", "off", onOff(func(s *Settings, on bool) { s.Marketplace = on })},
		{"MAX_REFUND_AMOUNT_PER_DAY", "", maxAmount},
		{"MAX_REFUNDS_PER_HOUR", "", maxRefunds},
		{"JOURNAL_TABLE_NAME", "", text(func(s *Settings) *string { return &s.JournalTableName })},
		{"JOURNAL_RETENTION_DAYS", "3650", journalKept},
		{"IYZICO_MERCHANT_ID", "", merchantID},
		{"API_TOKENS_FILE", "", text(func(s *Settings) *string { return &s.APITokensFile })},
		{"LOG_LEVEL", "info", level},
		{"NEW_MONEY", "on", onOff(func(s *Settings, on bool) { s.NewMoneyOff = !on })},
		{"NEW_MONEY_REASON", "", reason},
		{"METRICS_NAMESPACE", "iade", namespace},
	}
}

// minSettleWindow is the shortest window against a real iyzico: official clients wait 140 s for an answer (docs/iyzico.md
// §5.5), so what is not listed before that proves nothing.
const minSettleWindow = 5 * time.Minute

// minCallbackKey is the shortest CALLBACK_STATE_KEY, in characters.
const minCallbackKey = 16

// Load reads the settings. defaults replaces Variables' defaults by name. The error names every variable at fault in one
// line, and never a secret's value.
func Load(getenv func(string) string, defaults map[string]string) (Settings, error) {
	var s Settings
	var faults []string
	for _, v := range Variables() {
		value := strings.TrimSpace(getenv(v.Name))
		if value == "" {
			value = v.Default
			if own, ok := defaults[v.Name]; ok {
				value = own
			}
		}
		if value == "" {
			continue
		}
		if err := v.read(&s, value); err != nil {
			faults = append(faults, v.Name+" "+err.Error())
		}
	}
	if len(faults) == 0 {
		faults = s.conflicts()
	}
	if len(faults) > 0 {
		return Settings{}, errors.New("configuration: " + strings.Join(faults, "; "))
	}
	return s, nil
}

func (s *Settings) conflicts() []string {
	var faults []string
	if s.IyzicoSecretARN != "" && (s.IyzicoAPIKey.IsSet() || s.IyzicoSecretKey.IsSet()) {
		faults = append(faults, "IYZICO_SECRET_ARN and IYZICO_API_KEY or IYZICO_SECRET_KEY exclude each other: set one way only")
	}
	if s.IyzicoAPIKey.IsSet() != s.IyzicoSecretKey.IsSet() {
		faults = append(faults, "IYZICO_API_KEY and IYZICO_SECRET_KEY are needed together")
	}
	if s.CallbackSecretARN != "" && s.CallbackStateKey.IsSet() {
		faults = append(faults, "CALLBACK_STATE_SECRET_ARN and CALLBACK_STATE_KEY exclude each other: set one only")
	}
	if s.CallbackStateKey.IsSet() && len(s.CallbackStateKey.Reveal()) < minCallbackKey {
		faults = append(faults, fmt.Sprintf("CALLBACK_STATE_KEY must be at least %d characters that nobody can guess", minCallbackKey))
	}
	if s.IyzicoBaseURL != "" && !Loopback(s.IyzicoBaseURL) {
		if strings.HasPrefix(s.PublicBaseURL, "http://") {
			faults = append(faults, "PUBLIC_BASE_URL must be https unless iyzico is on loopback: iyzico sends customers' browsers there")
		}
		if s.SettleWindow < minSettleWindow {
			faults = append(faults, "SETTLE_WINDOW must be at least 5m against an iyzico that is not on loopback")
		}
		if strings.HasPrefix(s.IyzicoBaseURL, "http://") {
			faults = append(faults, "IYZICO_BASE_URL must be https unless it is on loopback")
		}
	}
	return faults
}

// dockerHost is how a container, as of `sam local`, names the machine that it runs on.
const dockerHost = "host.docker.internal"

// Loopback tells whether a URL's host is this machine, seen from itself or from a container on it.
func Loopback(rawURL string) bool {
	u, err := url.Parse(rawURL)
	if err != nil {
		return false
	}
	if u.Hostname() == "localhost" || u.Hostname() == dockerHost {
		return true
	}
	ip := net.ParseIP(u.Hostname())
	return ip != nil && ip.IsLoopback()
}

func text(field func(*Settings) *string) func(*Settings, string) error {
	return func(s *Settings, value string) error {
		if len(value) > 2048 {
			return errors.New("is longer than 2048 characters")
		}
		*field(s) = value
		return nil
	}
}

func key(field func(*Settings) *secret.Text) func(*Settings, string) error {
	return func(s *Settings, value string) error {
		*field(s) = secret.New(value)
		return nil
	}
}

// origin reads scheme and host, without a path: requests are signed over the path alone.
func origin(field func(*Settings) *string) func(*Settings, string) error {
	return func(s *Settings, value string) error {
		value = strings.TrimSuffix(value, "/")
		u, err := url.Parse(value)
		if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || u.User != nil || value != u.Scheme+"://"+u.Host {
			return errors.New("must be http(s)://host[:port] without a path")
		}
		*field(s) = value
		return nil
	}
}

func origins(s *Settings, value string) error {
	for _, part := range strings.Split(value, ",") {
		var one string
		if err := origin(func(*Settings) *string { return &one })(s, strings.TrimSpace(part)); err != nil {
			return fmt.Errorf("must be a comma list of origins, each %w", err)
		}
		s.ReturnURLOrigins = append(s.ReturnURLOrigins, one)
	}
	return nil
}

func path(s *Settings, value string) error {
	if !strings.HasPrefix(value, "/") || strings.ContainsAny(value, "?# ") || len(value) > 200 {
		return errors.New("must be a path like /payment/refund-to-balance/init")
	}
	s.RefundToBalancePath = value
	return nil
}

func duration(least, most time.Duration, field func(*Settings) *time.Duration) func(*Settings, string) error {
	return func(s *Settings, value string) error {
		d, err := time.ParseDuration(value)
		if err != nil || d < least || d > most {
			return fmt.Errorf("must be a duration like 15m, from %s to %s", least, most)
		}
		*field(s) = d
		return nil
	}
}

func rate(s *Settings, value string) error {
	n, err := strconv.Atoi(value)
	if err != nil || n < 5 || n > 100000 {
		return errors.New("must be a whole number from 5 to 100000")
	}
	s.RateLimitPerMinute = n
	return nil
}

// mostRetentionDays is a century.
const mostRetentionDays = 36500

func journalKept(s *Settings, value string) error {
	days, err := strconv.Atoi(value)
	if err != nil || days < 1 || days > mostRetentionDays {
		return fmt.Errorf("must be a whole number of days from 1 to %d", mostRetentionDays)
	}
	s.JournalKept = time.Duration(days) * 24 * time.Hour
	return nil
}

func restoredAt(s *Settings, value string) error {
	at, err := time.Parse(time.RFC3339, value)
	if err != nil {
		return errors.New("must be a time like 2026-01-31T12:00:00Z")
	}
	s.TableRestoredAt = at.UTC()
	return nil
}

func reviewAbsence(s *Settings, value string) error {
	// The grammar of amounts is the same in every currency.
	amount, err := money.Parse(value, money.TRY)
	if err != nil || amount.Sign() <= 0 {
		return errors.New("must be an amount like 5000.00, more than zero")
	}
	s.ReviewAbsenceFrom = amount.Decimal()
	return nil
}

func maxAmount(s *Settings, value string) (err error) {
	s.MaxRefundAmountPerDay, err = money.ParsePerCurrency(value)
	return err
}

// mostRefundsPerHour is more than iyzico's limit of calls lets through by far.
const mostRefundsPerHour = 1000000

func maxRefunds(s *Settings, value string) error {
	n, err := strconv.Atoi(value)
	if err != nil || n < 1 || n > mostRefundsPerHour {
		return fmt.Errorf("must be a whole number from 1 to %d; NEW_MONEY=off stops everything", mostRefundsPerHour)
	}
	s.MaxRefundsPerHour = n
	return nil
}

// mostMerchantDigits is how long a merchant's id may be.
const mostMerchantDigits = 19

func merchantID(s *Settings, value string) error {
	if len(value) > mostMerchantDigits || strings.Trim(value, "0123456789") != "" {
		return fmt.Errorf("must be 1 to %d digits, as iyzico's panel shows the merchant's id", mostMerchantDigits)
	}
	s.IyzicoMerchantID = value
	return nil
}

func level(s *Settings, value string) error {
	if err := s.LogLevel.UnmarshalText([]byte(value)); err != nil {
		return errors.New("must be debug, info, warn or error")
	}
	return nil
}

func onOff(set func(s *Settings, on bool)) func(*Settings, string) error {
	return func(s *Settings, value string) error {
		if value != "on" && value != "off" {
			return errors.New("must be on or off")
		}
		set(s, value == "on")
		return nil
	}
}

// maxReason bounds NEW_MONEY_REASON, in characters.
const maxReason = 200

// reason takes any text: it is written in a hurry or copied from a page, and must not stop the functions while money is to be
// stopped. Whatever does not print becomes a space, and what is too long is cut.
func reason(s *Settings, value string) error {
	printable := strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || r == utf8.RuneError {
			return ' '
		}
		return r
	}, value)
	words := []rune(strings.Join(strings.Fields(printable), " "))
	s.NewMoneyReason = strings.TrimSpace(string(words[:min(len(words), maxReason)]))
	return nil
}
