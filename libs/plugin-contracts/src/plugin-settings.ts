/** The kinds of value that a setting may have. A duration is milliseconds inside and `30s`, `5m`, `2h` or `250ms` outside. */
export type SettingType = 'string' | 'integer' | 'number' | 'boolean' | 'duration' | 'port' | 'path' | 'url' | 'list' | 'map';

/** One row of a configuration table. Without `default` the setting is required, unless it is `optional`. */
export interface Setting {
  readonly type: SettingType;
  readonly meaning: string;
  readonly default?: unknown;
  readonly optional?: true;
  /** Masked wherever configuration is shown; may be given as `<name>File`. */
  readonly secret?: true;
  readonly oneOf?: readonly string[];
  readonly min?: number;
}

export type SettingsTable = Readonly<Record<string, Setting>>;

/** What a plugin receives: its settings after validation, by their names in its table. */
export type SettingValues = Readonly<Record<string, unknown>>;

/** Everything the host process lends to a plugin. */
export interface PluginHost {
  readonly memberId: string;
  readonly log: PluginLog;
  now(): Date;
}

export interface PluginLog {
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
}

/** A plugin as its package exports it: a name for configuration files, a table of settings, a factory. */
export interface PluginModule<Plugin> {
  readonly name: string;
  readonly settings: SettingsTable;
  /** Faults that no single value shows, each a whole sentence; called with values that each fit the table. */
  readonly check?: (settings: SettingValues) => readonly string[];
  create(settings: SettingValues, host: PluginHost): Plugin;
}
