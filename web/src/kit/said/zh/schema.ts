/** What the schema library says where the schema has no words of its own. */
export const schema: Readonly<Record<string, string>> = {
  'Invalid input: expected {0}, received {1}': '应为 [0]，实际为 [1]',
  'Invalid input: expected {0}': '应为 {0}',
  'Invalid input: expected instanceof {0}, received {1}': '应为 {0} 的实例，实际为 [1]',
  'Invalid option: expected one of {0}': '必须是以下之一：{0}',
  'Invalid string: must start with "{0}"': '必须以“{0}”开头',
  'Invalid string: must end with "{0}"': '必须以“{0}”结尾',
  'Invalid string: must include "{0}"': '必须包含“{0}”',
  'Invalid string: must match pattern {0}': '必须符合格式 {0}',
  'Invalid {0}': '不是有效的[0]',
  'Invalid number: must be a multiple of {0}': '必须是 {0} 的倍数',
  'Unrecognized key: {0}': '未知的字段：{0}',
  'Unrecognized keys: {0}': '未知的字段：{0}',
  'Invalid key in {0}': '{0} 中的键无效',
  'Invalid input': '无效的值',
  'Invalid value in {0}': '{0} 中的值无效',
};
