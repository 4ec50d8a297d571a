// Package release tests what is handed out besides the source: the container's image and the archives of programs. It holds
// tests only.
package release
