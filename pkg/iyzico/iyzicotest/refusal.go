package iyzicotest

import "fmt"

// Refusal is iyzico's well-formed no: the request moved no money. Every other error of the Ledger is a failure of the
// model itself (its journal), which the HTTP skin answers as a system error.
type Refusal struct {
	// Code is what errorCode carries.
	Code string
	// Group is what errorGroup carries; empty for validation errors, as iyzico sends it for bank errors mostly
	// (docs/iyzico.md §2.1).
	Group string
	// Message is the English text; MessageTR is the Turkish one.
	Message   string
	MessageTR string
	// Retryable is what a failed refund or cancel says in retryable. iyzico may carry such a refund out by itself later.
	Retryable bool
}

// Error gives code and English text. They hold no personal data.
func (r *Refusal) Error() string { return fmt.Sprintf("iyzico refused: %s %s", r.Code, r.Message) }

// Documented codes (docs/iyzico.md §8.3).
const (
	// CodeInvalidRequest is "invalid request": a price that is no amount, an amount not above zero.
	CodeInvalidRequest = "11"
	// CodeCallbackURLMissing is "callbackUrl missing".
	CodeCallbackURLMissing = "23"
	// CodeFieldMissing is "mandatory field missing".
	CodeFieldMissing = "24"
	// CodeBadSignature is "invalid signature".
	CodeBadSignature = "1000"
	// CodeUnknownAPIKey is "API credentials not found".
	CodeUnknownAPIKey = "1001"
	// CodeKeyMissing is "API key missing"; 1004, 1007 and 1009 are authentication errors, too, whose exact meaning is not
	// published. The fake never answers 1004, 1007 and 1009 by itself: a "refuse" fault does.
	CodeKeyMissing      = "1006"
	CodeAuthentication4 = "1004"
	CodeAuthentication7 = "1007"
	CodeAuthentication9 = "1009"
	// CodeCancelUnknownPayment refuses a cancel of a payment that does not exist; seen on the wire.
	CodeCancelUnknownPayment = "5086"
	// CodeDetailUnknownPayment refuses the detail of a payment that does not exist; seen on the wire.
	CodeDetailUnknownPayment = "5087"
	// CodeStandardMerchantsOnly refuses Refund v2 to marketplaces; seen on the wire.
	CodeStandardMerchantsOnly = "5266"
	// CodeStillRunning says that the operation was already started and goes on; seen on the wire, for a second cancel and a
	// Refund v2 shortly after a cancel. It says nothing about money.
	CodeStillRunning = "8514"
	// CodeItemsSum is "price is not the sum of the items".
	CodeItemsSum = "5062"
	// CodeNoPaymentForToken is "no payment (yet) for this token".
	CodeNoPaymentForToken = "5122"
	// CodeNotSufficientFunds is NOT_SUFFICIENT_FUNDS.
	CodeNotSufficientFunds = "10051"
	// CodeRateLimit is "request limit exceeded"; the only code that goes out as a JSON number (docs/iyzico.md §8.2).
	CodeRateLimit = "50000"
	// CodePaymentTypeMismatch is "session payment type is not matched" (docs/iyzico.md P4).
	CodePaymentTypeMismatch = "260018"
)

// Codes of this model's own making. iyzico publishes none for these cases (docs/iyzico.md §8.3, last note), so a client must
// treat them as unknown and find out by reading. They lie in ranges where no public code is known.
const (
	// CodeExceedsRemainder refuses a refund above what is left of the line, or of the payment with v2.
	CodeExceedsRemainder = "5901"
	// CodeCancelled refuses a refund or a later second cancel of a cancelled payment.
	CodeCancelled = "5902"
	// CodeAlreadyRefunded refuses a cancel or a refund to balance after any refund.
	CodeAlreadyRefunded = "5903"
	// CodeNotCharged refuses anything on a payment that is not charged.
	CodeNotCharged = "5904"
	// CodeRefundPeriodOver refuses a refund more than 365 days after the payment.
	CodeRefundPeriodOver = "5905"
	// CodeCancelPeriodOver refuses a cancel on another day than the payment's (Istanbul).
	CodeCancelPeriodOver = "5906"
	// CodeCurrencyMismatch refuses another currency than the payment's or the session's.
	CodeCurrencyMismatch = "5907"
	// CodeUnknownPaymentTransaction refuses a paymentTransactionId that does not exist.
	CodeUnknownPaymentTransaction = "5908"
	// CodeUnknownPayment refuses a paymentId that does not exist, where the real code is not known: everywhere but cancel
	// and detail.
	CodeUnknownPayment = "5909"
	// CodeUnknownBalanceToken refuses a refund-to-balance token that does not exist.
	CodeUnknownBalanceToken = "5910"
	// CodeBalanceRefundState refuses a step of a refund to balance that is not its next one.
	CodeBalanceRefundState = "5911"
	// CodeUnknownSession refuses session values that do not exist or do not belong together.
	CodeUnknownSession = "260901"
	// CodeSessionPassive refuses a session that was ended.
	CodeSessionPassive = "260902"
	// CodeAccessToken refuses an access token that is wrong, of another session, or too old.
	CodeAccessToken = "260903"
)

// refusals is the one table of texts, by code.
var refusals = map[string]Refusal{
	CodeInvalidRequest:            {Message: "Invalid request", MessageTR: "Geçersiz istek"},
	CodeCallbackURLMissing:        {Message: "callbackUrl must be sent", MessageTR: "callbackUrl gönderilmesi zorunludur"},
	CodeFieldMissing:              {Message: "A mandatory field is missing", MessageTR: "Zorunlu bir alan eksik"},
	CodeBadSignature:              {Message: "Invalid signature", MessageTR: "Geçersiz imza"},
	CodeUnknownAPIKey:             {Message: "API credentials not found", MessageTR: "API bilgileri bulunamadı"},
	CodeKeyMissing:                {Message: "API key is missing", MessageTR: "API anahtarı eksik"},
	CodeAuthentication4:           {Message: "Authentication failed", MessageTR: "Kimlik doğrulama başarısız"},
	CodeAuthentication7:           {Message: "Authentication failed", MessageTR: "Kimlik doğrulama başarısız"},
	CodeAuthentication9:           {Message: "Authentication failed", MessageTR: "Kimlik doğrulama başarısız"},
	CodeCancelUnknownPayment:      {Message: "Payment not found", MessageTR: "Ödeme bulunamadı"},
	CodeDetailUnknownPayment:      {Message: "Payment not found", MessageTR: "Ödeme bulunamadı"},
	CodeStandardMerchantsOnly:     {Message: "Only standard merchants can use this service", MessageTR: "Bu servisi yalnızca standart üye işyerleri kullanabilir"},
	CodeStillRunning:              {Message: "This operation was already started and is continuing", MessageTR: "Bu işlem daha önce başlatıldı ve devam ediyor"},
	CodeItemsSum:                  {Message: "Price must equal the sum of the basket items", MessageTR: "Tutar, sepet kırılımlarının toplamına eşit olmalıdır"},
	CodeNoPaymentForToken:         {Message: "No payment for this token", MessageTR: "Bu token için ödeme bulunamadı"},
	CodeNotSufficientFunds:        {Group: "NOT_SUFFICIENT_FUNDS", Message: "Balance insufficient", MessageTR: "Bakiye yetersiz"},
	CodeRateLimit:                 {Message: "Request Limit Exceeded", MessageTR: "Request Limit Exceeded"},
	CodePaymentTypeMismatch:       {Message: "Session payment type is not matched.", MessageTR: "Oturumun ödeme tipi uyuşmuyor."},
	CodeExceedsRemainder:          {Group: "REFUND_AMOUNT", Message: "Amount exceeds what can be refunded", MessageTR: "Tutar iade edilebilir tutarı aşıyor"},
	CodeCancelled:                 {Group: "PAYMENT_STATE", Message: "Payment is cancelled", MessageTR: "Ödeme iptal edilmiş"},
	CodeAlreadyRefunded:           {Group: "PAYMENT_STATE", Message: "Payment has refunds", MessageTR: "Ödemenin iadesi var"},
	CodeNotCharged:                {Group: "PAYMENT_STATE", Message: "Payment is not charged", MessageTR: "Ödeme alınmamış"},
	CodeRefundPeriodOver:          {Group: "PERIOD", Message: "Payment is older than 365 days", MessageTR: "Ödeme 365 günden eski"},
	CodeCancelPeriodOver:          {Group: "PERIOD", Message: "Payment can be cancelled on its day only", MessageTR: "Ödeme yalnızca aynı gün iptal edilebilir"},
	CodeCurrencyMismatch:          {Message: "Currency does not match", MessageTR: "Para birimi uyuşmuyor"},
	CodeUnknownPaymentTransaction: {Message: "Payment transaction not found", MessageTR: "Ödeme kırılımı bulunamadı"},
	CodeUnknownPayment:            {Message: "Payment not found", MessageTR: "Ödeme bulunamadı"},
	CodeUnknownBalanceToken:       {Message: "Refund to balance not found", MessageTR: "Hesaba iade bulunamadı"},
	CodeBalanceRefundState:        {Message: "Not possible in this state of the refund to balance", MessageTR: "Hesaba iadenin bu aşamasında yapılamaz"},
	CodeUnknownSession:            {Message: "Session not found", MessageTR: "Oturum bulunamadı"},
	CodeSessionPassive:            {Message: "Session is passive", MessageTR: "Oturum pasif"},
	CodeAccessToken:               {Message: "Access token is not valid", MessageTR: "Erişim anahtarı geçerli değil"},
}

// refuse builds the refusal for a code of the table.
func refuse(code string) *Refusal {
	r := refusals[code]
	r.Code = code
	return &r
}
