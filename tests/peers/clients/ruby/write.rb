# One write by a library of Ruby, with its defaults and a timeout of 1 s.
#
#   ruby write.rb CLIENT URL
require 'net/http'

name, url = ARGV
body = '{"amount": 30}'
writes = {
  'ruby-net-http-put' => lambda {
    address = URI(url)
    Net::HTTP.start(address.host, address.port, read_timeout: 1) { |http| http.put('/', body) }
  },
  'faraday-retry-put' => lambda {
    require 'faraday'
    connection = Faraday.new(url, request: { timeout: 1 }) do |it|
      it.request :retry
      it.response :raise_error
    end
    connection.put('/', body)
  },
  'excon-idempotent' => lambda {
    require 'excon'
    Excon.post(url, body: body, idempotent: true, read_timeout: 1, expects: [200])
  }
}
writes.fetch(name).call
