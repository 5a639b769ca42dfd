-- Components by TLS from the first byte, on component_tls_ports (5348): XEP-0114 itself knows no encryption, and our Manager is on another host.
module:set_global();

local portmanager = require "core.portmanager";

module:hook("server-started", function ()
	local plain = portmanager.get_service("component");
	if not plain then
		module:log("error", "There is no Component in the configuration, so there is nobody to serve.");
		return;
	end
	module:provides("net", {
		name = "component_tls";
		listener = plain.listener;
		default_port = 5348;
		encryption = "ssl";
	});
end);
