// Package returnlink makes and reads what a refund to balance gives to the outside: the signed state in the path that the
// customer's browser comes back to, and the sealed form in which the url of iyzico's page is kept. Both use keys derived
// (HKDF) from one secret, which is never used itself.
package returnlink
