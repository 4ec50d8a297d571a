package config

// Parameter says how a variable's value is given to a deployed stack. CloudFormation refuses whatever Load would refuse, so that a
// setting that cannot work fails before anything is changed, and not by stopping every function.
type Parameter struct {
	Variable string
	Name     string   // of the template's parameter
	Pattern  string   // the whole value, in what Go's and Java's regular expressions have in common
	Values   []string // all that are allowed, where no pattern is
}

// The parts of patterns. Ports and hosts are as loose as Load.
const (
	host        = `[A-Za-z0-9.-]+(:\d{1,5})?`
	httpsOrigin = `https://` + host
	hereOrigin  = `http://(localhost|127\.0\.0\.1|host\.docker\.internal)(:\d{1,5})?`
	anyOrigin   = `https?://` + host

	fiveMinutesToTwelveHours = `(([5-9]|[1-9]\d|[1-6]\d\d|7[01]\d|720)m|([1-9]|1[0-2])h)`
	upToNinetyDays           = `(([1-9]|[1-9]\d{1,2}|1[0-3]\d\d|14[0-3]\d|1440)m|([1-9]|[1-9]\d{1,2}|1\d{3}|20\d\d|21[0-5]\d|2160)h)`

	dayOfAnyYear = `\d{4}-((0[13578]|1[02])-(0[1-9]|[12]\d|3[01])|(0[469]|11)-(0[1-9]|[12]\d|30)|02-(0[1-9]|1\d|2[0-8]))`
	leapDay      = `\d\d(0[48]|[2468][048]|[13579][26])-02-29`
	limitAmount  = `[1-9]\d{0,11}(\.\d{1,2})?`
	currencies   = `TRY|USD|EUR|GBP|NOK|RUB|CHF|IRR`
	timeOfDay    = `([01]\d|2[0-3]):[0-5]\d:[0-5]\d`
)

// Parameters lists the variables that an operator of a stack sets, in the order of Variables. Every other variable gets its value
// from the template.
func Parameters() []Parameter {
	return []Parameter{
		{Variable: "IYZICO_BASE_URL", Name: "IyzicoBaseUrl", Pattern: `^(` + httpsOrigin + `|` + hereOrigin + `)$`},
		{Variable: "PUBLIC_BASE_URL", Name: "PublicBaseUrl", Pattern: `^(` + httpsOrigin + `)?$`},
		{Variable: "RETURN_URL_ORIGINS", Name: "ReturnUrlOrigins", Pattern: `^(` + anyOrigin + `(, ?` + anyOrigin + `)*)?$`},
		{Variable: "REFUND_TO_BALANCE_PATH", Name: "RefundToBalancePath", Pattern: `^/[A-Za-z0-9._~/-]{0,199}$`},
		{Variable: "BALANCE_REFUND_EXPIRY", Name: "BalanceRefundExpiry", Pattern: `^` + upToNinetyDays + `$`},
		{Variable: "SETTLE_WINDOW", Name: "SettleWindow", Pattern: `^` + fiveMinutesToTwelveHours + `$`},
		{Variable: "IYZICO_TIMEOUT", Name: "IyzicoTimeout", Pattern: `^([1-9]|1\d|2[0-7])s$`},
		{Variable: "RATE_LIMIT_PER_MINUTE", Name: "RateLimitPerMinute", Pattern: `^([5-9]|[1-9]\d{1,4}|100000)$`},
		{Variable: "TABLE_RESTORED_AT", Name: "TableRestoredAt", Pattern: `^((` + dayOfAnyYear + `|` + leapDay + `)T` + timeOfDay + `Z)?$`},
		{Variable: "REVIEW_ABSENCE_FROM", Name: "ReviewAbsenceFrom", Pattern: `^([1-9]\d{0,11}(\.\d{1,2})?)?$`},
		{Variable: "MARKETPLACE", Name: "Marketplace", Values: []string{"on", "off"}},
		{Variable: "MAX_REFUND_AMOUNT_PER_DAY", Name: "MaxRefundAmountPerDay", Pattern: `^(` + limitAmount + `|(` + currencies + `):` + limitAmount + `(,(` + currencies + `):` + limitAmount + `){0,7})?$`},
		{Variable: "MAX_REFUNDS_PER_HOUR", Name: "MaxRefundsPerHour", Pattern: `^([1-9]\d{0,5}|1000000)?$`},
		{Variable: "JOURNAL_RETENTION_DAYS", Name: "JournalRetentionDays", Pattern: `^([1-9]\d{0,3}|[12]\d{4}|3[0-5]\d{3}|36[0-4]\d\d|36500)$`},
		{Variable: "IYZICO_MERCHANT_ID", Name: "IyzicoMerchantId", Pattern: `^(\d{1,19})?$`},
		{Variable: "LOG_LEVEL", Name: "LogLevel", Values: []string{"DEBUG", "INFO", "WARN", "ERROR"}},
		{Variable: "NEW_MONEY", Name: "NewMoney", Values: []string{"on", "off"}},
		{Variable: "NEW_MONEY_REASON", Name: "NewMoneyReason", Pattern: `^[^\x00-\x1f\x7f]*$`},
	}
}
