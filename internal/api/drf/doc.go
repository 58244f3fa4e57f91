// Package drf implements how Django REST Framework 3.14, Django 4.2 and Python read
// requests and write links: content negotiation, media types, charsets, query
// strings, integers and page links. Its functions are pure, handle any input and
// take linear time.
package drf
