<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
<qgis styleCategories="Symbology|Labeling|Fields|Forms" version="3.22.16-Białowieża">
  <renderer-v2 referencescale="-1" attr="OutType" forceraster="0" type="categorizedSymbol" symbollevels="0" enableorderby="0">
    <categories>
      <category render="true" symbol="0" label="Extended outline" value="Extended" />
      <category render="true" symbol="1" label="Restricted outline" value="Restricted" />
    </categories>
    <symbols>
      <symbol clip_to_extent="1" force_rhr="0" type="fill" alpha="1" name="0">
        <data_defined_properties>
          <Option type="Map">
            <Option type="QString" value="" name="name" />
            <Option name="properties" />
            <Option type="QString" value="collection" name="type" />
          </Option>
        </data_defined_properties>
        <layer enabled="1" class="SimpleFill" pass="0" locked="0">
          <Option type="Map">
            <Option type="QString" value="3x:0,0,0,0,0,0" name="border_width_map_unit_scale" />
            <Option type="QString" value="0,0,255,255" name="color" />
            <Option type="QString" value="bevel" name="joinstyle" />
            <Option type="QString" value="0,0" name="offset" />
            <Option type="QString" value="3x:0,0,0,0,0,0" name="offset_map_unit_scale" />
            <Option type="QString" value="MM" name="offset_unit" />
            <Option type="QString" value="255,255,255,200" name="outline_color" />
            <Option type="QString" value="solid" name="outline_style" />
            <Option type="QString" value="1" name="outline_width" />
            <Option type="QString" value="MM" name="outline_width_unit" />
            <Option type="QString" value="no" name="style" />
          </Option>
          <prop v="3x:0,0,0,0,0,0" k="border_width_map_unit_scale" />
          <prop v="0,0,255,255" k="color" />
          <prop v="bevel" k="joinstyle" />
          <prop v="0,0" k="offset" />
          <prop v="3x:0,0,0,0,0,0" k="offset_map_unit_scale" />
          <prop v="MM" k="offset_unit" />
          <prop v="255,255,255,200" k="outline_color" />
          <prop v="solid" k="outline_style" />
          <prop v="1" k="outline_width" />
          <prop v="MM" k="outline_width_unit" />
          <prop v="no" k="style" />
          <data_defined_properties>
            <Option type="Map">
              <Option type="QString" value="" name="name" />
              <Option name="properties" />
              <Option type="QString" value="collection" name="type" />
            </Option>
          </data_defined_properties>
        </layer>
        <layer enabled="1" class="SimpleFill" pass="0" locked="0">
          <Option type="Map">
            <Option type="QString" value="3x:0,0,0,0,0,0" name="border_width_map_unit_scale" />
            <Option type="QString" value="0,0,255,255" name="color" />
            <Option type="QString" value="bevel" name="joinstyle" />
            <Option type="QString" value="0,0" name="offset" />
            <Option type="QString" value="3x:0,0,0,0,0,0" name="offset_map_unit_scale" />
            <Option type="QString" value="MM" name="offset_unit" />
            <Option type="QString" value="123,30,58,255" name="outline_color" />
            <Option type="QString" value="solid" name="outline_style" />
            <Option type="QString" value="0.5" name="outline_width" />
            <Option type="QString" value="MM" name="outline_width_unit" />
            <Option type="QString" value="no" name="style" />
          </Option>
          <prop v="3x:0,0,0,0,0,0" k="border_width_map_unit_scale" />
          <prop v="0,0,255,255" k="color" />
          <prop v="bevel" k="joinstyle" />
          <prop v="0,0" k="offset" />
          <prop v="3x:0,0,0,0,0,0" k="offset_map_unit_scale" />
          <prop v="MM" k="offset_unit" />
          <prop v="123,30,58,255" k="outline_color" />
          <prop v="solid" k="outline_style" />
          <prop v="0.5" k="outline_width" />
          <prop v="MM" k="outline_width_unit" />
          <prop v="no" k="style" />
          <data_defined_properties>
            <Option type="Map">
              <Option type="QString" value="" name="name" />
              <Option name="properties" />
              <Option type="QString" value="collection" name="type" />
            </Option>
          </data_defined_properties>
        </layer>
      </symbol>
      <symbol clip_to_extent="1" force_rhr="0" type="fill" alpha="1" name="1">
        <data_defined_properties>
          <Option type="Map">
            <Option type="QString" value="" name="name" />
            <Option name="properties" />
            <Option type="QString" value="collection" name="type" />
          </Option>
        </data_defined_properties>
        <layer enabled="1" class="SimpleFill" pass="0" locked="0">
          <Option type="Map">
            <Option type="QString" value="3x:0,0,0,0,0,0" name="border_width_map_unit_scale" />
            <Option type="QString" value="0,0,255,255" name="color" />
            <Option type="QString" value="bevel" name="joinstyle" />
            <Option type="QString" value="0,0" name="offset" />
            <Option type="QString" value="3x:0,0,0,0,0,0" name="offset_map_unit_scale" />
            <Option type="QString" value="MM" name="offset_unit" />
            <Option type="QString" value="255,255,255,200" name="outline_color" />
            <Option type="QString" value="solid" name="outline_style" />
            <Option type="QString" value="1" name="outline_width" />
            <Option type="QString" value="MM" name="outline_width_unit" />
            <Option type="QString" value="no" name="style" />
          </Option>
          <prop v="3x:0,0,0,0,0,0" k="border_width_map_unit_scale" />
          <prop v="0,0,255,255" k="color" />
          <prop v="bevel" k="joinstyle" />
          <prop v="0,0" k="offset" />
          <prop v="3x:0,0,0,0,0,0" k="offset_map_unit_scale" />
          <prop v="MM" k="offset_unit" />
          <prop v="255,255,255,200" k="outline_color" />
          <prop v="solid" k="outline_style" />
          <prop v="1" k="outline_width" />
          <prop v="MM" k="outline_width_unit" />
          <prop v="no" k="style" />
          <data_defined_properties>
            <Option type="Map">
              <Option type="QString" value="" name="name" />
              <Option name="properties" />
              <Option type="QString" value="collection" name="type" />
            </Option>
          </data_defined_properties>
        </layer>
        <layer enabled="1" class="SimpleFill" pass="0" locked="0">
          <Option type="Map">
            <Option type="QString" value="3x:0,0,0,0,0,0" name="border_width_map_unit_scale" />
            <Option type="QString" value="0,0,255,255" name="color" />
            <Option type="QString" value="bevel" name="joinstyle" />
            <Option type="QString" value="0,0" name="offset" />
            <Option type="QString" value="3x:0,0,0,0,0,0" name="offset_map_unit_scale" />
            <Option type="QString" value="MM" name="offset_unit" />
            <Option type="QString" value="11,110,79,255" name="outline_color" />
            <Option type="QString" value="dash" name="outline_style" />
            <Option type="QString" value="0.5" name="outline_width" />
            <Option type="QString" value="MM" name="outline_width_unit" />
            <Option type="QString" value="no" name="style" />
          </Option>
          <prop v="3x:0,0,0,0,0,0" k="border_width_map_unit_scale" />
          <prop v="0,0,255,255" k="color" />
          <prop v="bevel" k="joinstyle" />
          <prop v="0,0" k="offset" />
          <prop v="3x:0,0,0,0,0,0" k="offset_map_unit_scale" />
          <prop v="MM" k="offset_unit" />
          <prop v="11,110,79,255" k="outline_color" />
          <prop v="dash" k="outline_style" />
          <prop v="0.5" k="outline_width" />
          <prop v="MM" k="outline_width_unit" />
          <prop v="no" k="style" />
          <data_defined_properties>
            <Option type="Map">
              <Option type="QString" value="" name="name" />
              <Option name="properties" />
              <Option type="QString" value="collection" name="type" />
            </Option>
          </data_defined_properties>
        </layer>
      </symbol>
    </symbols>
    <rotation />
    <sizescale />
  </renderer-v2>
  <blendMode>0</blendMode>
  <featureBlendMode>0</featureBlendMode>
  <layerGeometryType>2</layerGeometryType>
  <fieldConfiguration>
    <field name="PrimaryID" configurationFlags="None">
      <editWidget type="TextEdit">
        <config>
          <Option type="Map" />
        </config>
      </editWidget>
    </field>
    <field name="WorkingID" configurationFlags="None">
      <editWidget type="TextEdit">
        <config>
          <Option type="Map" />
        </config>
      </editWidget>
    </field>
    <field name="PolyUID" configurationFlags="None">
      <editWidget type="TextEdit">
        <config>
          <Option type="Map" />
        </config>
      </editWidget>
    </field>
    <field name="OutType" configurationFlags="None">
      <editWidget type="ValueMap">
        <config>
          <Option type="Map">
            <Option type="List" name="map">
              <Option type="Map">
                <Option name="(not stated)" value="{2839923C-8B7D-419E-B84B-CA2FE9B80EC7}" type="QString" />
              </Option>
              <Option type="Map">
                <Option name="Extended" value="Extended" type="QString" />
              </Option>
              <Option type="Map">
                <Option name="Restricted" value="Restricted" type="QString" />
              </Option>
            </Option>
          </Option>
        </config>
      </editWidget>
    </field>
    <field name="RelFr" configurationFlags="None">
      <editWidget type="ValueMap">
        <config>
          <Option type="Map">
            <Option type="List" name="map">
              <Option type="Map">
                <Option name="(not stated)" value="{2839923C-8B7D-419E-B84B-CA2FE9B80EC7}" type="QString" />
              </Option>
              <Option type="Map">
                <Option name="low" value="0" type="QString" />
              </Option>
              <Option type="Map">
                <Option name="medium" value="1" type="QString" />
              </Option>
              <Option type="Map">
                <Option name="high" value="2" type="QString" />
              </Option>
            </Option>
          </Option>
        </config>
      </editWidget>
    </field>
    <field name="RelLeftLM" configurationFlags="None">
      <editWidget type="ValueMap">
        <config>
          <Option type="Map">
            <Option type="List" name="map">
              <Option type="Map">
                <Option name="(not stated)" value="{2839923C-8B7D-419E-B84B-CA2FE9B80EC7}" type="QString" />
              </Option>
              <Option type="Map">
                <Option name="low" value="0" type="QString" />
              </Option>
              <Option type="Map">
                <Option name="medium" value="1" type="QString" />
              </Option>
              <Option type="Map">
                <Option name="high" value="2" type="QString" />
              </Option>
            </Option>
          </Option>
        </config>
      </editWidget>
    </field>
    <field name="RelRightLM" configurationFlags="None">
      <editWidget type="ValueMap">
        <config>
          <Option type="Map">
            <Option type="List" name="map">
              <Option type="Map">
                <Option name="(not stated)" value="{2839923C-8B7D-419E-B84B-CA2FE9B80EC7}" type="QString" />
              </Option>
              <Option type="Map">
                <Option name="low" value="0" type="QString" />
              </Option>
              <Option type="Map">
                <Option name="medium" value="1" type="QString" />
              </Option>
              <Option type="Map">
                <Option name="high" value="2" type="QString" />
              </Option>
            </Option>
          </Option>
        </config>
      </editWidget>
    </field>
    <field name="RelUpsCon" configurationFlags="None">
      <editWidget type="ValueMap">
        <config>
          <Option type="Map">
            <Option type="List" name="map">
              <Option type="Map">
                <Option name="(not stated)" value="{2839923C-8B7D-419E-B84B-CA2FE9B80EC7}" type="QString" />
              </Option>
              <Option type="Map">
                <Option name="low" value="0" type="QString" />
              </Option>
              <Option type="Map">
                <Option name="medium" value="1" type="QString" />
              </Option>
              <Option type="Map">
                <Option name="high" value="2" type="QString" />
              </Option>
            </Option>
          </Option>
        </config>
      </editWidget>
    </field>
    <field name="RelIndex" configurationFlags="None">
      <editWidget type="Range">
        <config>
          <Option type="Map">
            <Option name="Min" value="0" type="int" />
            <Option name="Max" value="8" type="int" />
            <Option name="AllowNull" value="true" type="bool" />
          </Option>
        </config>
      </editWidget>
    </field>
    <field name="Comment" configurationFlags="None">
      <editWidget type="TextEdit">
        <config>
          <Option type="Map">
            <Option name="IsMultiline" value="true" type="bool" />
          </Option>
        </config>
      </editWidget>
    </field>
    <field name="area_m2" configurationFlags="None">
      <editWidget type="TextEdit">
        <config>
          <Option type="Map" />
        </config>
      </editWidget>
    </field>
    <field name="elevation_min_m" configurationFlags="None">
      <editWidget type="TextEdit">
        <config>
          <Option type="Map" />
        </config>
      </editWidget>
    </field>
    <field name="elevation_max_m" configurationFlags="None">
      <editWidget type="TextEdit">
        <config>
          <Option type="Map" />
        </config>
      </editWidget>
    </field>
    <field name="elevation_mean_m" configurationFlags="None">
      <editWidget type="TextEdit">
        <config>
          <Option type="Map" />
        </config>
      </editWidget>
    </field>
    <field name="slope_mean_deg" configurationFlags="None">
      <editWidget type="TextEdit">
        <config>
          <Option type="Map" />
        </config>
      </editWidget>
    </field>
    <field name="aspect_mean_deg" configurationFlags="None">
      <editWidget type="TextEdit">
        <config>
          <Option type="Map" />
        </config>
      </editWidget>
    </field>
    <field name="orientation_deg" configurationFlags="None">
      <editWidget type="TextEdit">
        <config>
          <Option type="Map" />
        </config>
      </editWidget>
    </field>
    <field name="length_m" configurationFlags="None">
      <editWidget type="TextEdit">
        <config>
          <Option type="Map" />
        </config>
      </editWidget>
    </field>
    <field name="width_m" configurationFlags="None">
      <editWidget type="TextEdit">
        <config>
          <Option type="Map" />
        </config>
      </editWidget>
    </field>
    <field name="front_height_m" configurationFlags="None">
      <editWidget type="TextEdit">
        <config>
          <Option type="Map" />
        </config>
      </editWidget>
    </field>
  </fieldConfiguration>
  <aliases>
    <alias field="PrimaryID" index="0" name="Identifier of the unit (PrimaryID)" />
    <alias field="WorkingID" index="1" name="Local identifier or name (WorkingID)" />
    <alias field="PolyUID" index="2" name="Identifier of the polygon (PolyUID)" />
    <alias field="OutType" index="3" name="Type of outline (OutType)" />
    <alias field="RelFr" index="4" name="Reliability of the front (RelFr)" />
    <alias field="RelLeftLM" index="5" name="of the left lateral margin (RelLeftLM)" />
    <alias field="RelRightLM" index="6" name="of the right lateral margin (RelRightLM)" />
    <alias field="RelUpsCon" index="7" name="of the upslope connection (RelUpsCon)" />
    <alias field="RelIndex" index="8" name="Sum of the four, 0 to 8 (RelIndex)" />
    <alias field="Comment" index="9" name="Comment (Comment)" />
    <alias field="area_m2" index="10" name="Area (m²)" />
    <alias field="elevation_min_m" index="11" name="Lowest elevation (m)" />
    <alias field="elevation_max_m" index="12" name="Highest elevation (m)" />
    <alias field="elevation_mean_m" index="13" name="Mean elevation (m)" />
    <alias field="slope_mean_deg" index="14" name="Mean slope (°)" />
    <alias field="aspect_mean_deg" index="15" name="Mean aspect (°, clockwise from north)" />
    <alias field="orientation_deg" index="16" name="Direction of flow (°, clockwise from north)" />
    <alias field="length_m" index="17" name="Length along the flow (m)" />
    <alias field="width_m" index="18" name="Width across the flow (m)" />
    <alias field="front_height_m" index="19" name="Height of the front (m)" />
  </aliases>
  <featformsuppress>0</featformsuppress>
  <editorlayout>tablayout</editorlayout>
  <attributeEditorForm>
    <attributeEditorContainer name="Identity" groupBox="0" columnCount="1" showLabel="1" visibilityExpressionEnabled="0" visibilityExpression="">
      <attributeEditorField name="PrimaryID" index="0" showLabel="1" />
      <attributeEditorField name="WorkingID" index="1" showLabel="1" />
      <attributeEditorField name="PolyUID" index="2" showLabel="1" />
      <attributeEditorField name="OutType" index="3" showLabel="1" />
      <attributeEditorField name="Comment" index="9" showLabel="1" />
    </attributeEditorContainer>
    <attributeEditorContainer name="Reliability" groupBox="0" columnCount="1" showLabel="1" visibilityExpressionEnabled="0" visibilityExpression="">
      <attributeEditorField name="RelFr" index="4" showLabel="1" />
      <attributeEditorField name="RelLeftLM" index="5" showLabel="1" />
      <attributeEditorField name="RelRightLM" index="6" showLabel="1" />
      <attributeEditorField name="RelUpsCon" index="7" showLabel="1" />
      <attributeEditorField name="RelIndex" index="8" showLabel="1" />
    </attributeEditorContainer>
    <attributeEditorContainer name="Morphometry" groupBox="0" columnCount="1" showLabel="1" visibilityExpressionEnabled="0" visibilityExpression="">
      <attributeEditorField name="area_m2" index="10" showLabel="1" />
      <attributeEditorField name="elevation_min_m" index="11" showLabel="1" />
      <attributeEditorField name="elevation_max_m" index="12" showLabel="1" />
      <attributeEditorField name="elevation_mean_m" index="13" showLabel="1" />
      <attributeEditorField name="slope_mean_deg" index="14" showLabel="1" />
      <attributeEditorField name="aspect_mean_deg" index="15" showLabel="1" />
      <attributeEditorField name="orientation_deg" index="16" showLabel="1" />
      <attributeEditorField name="length_m" index="17" showLabel="1" />
      <attributeEditorField name="width_m" index="18" showLabel="1" />
      <attributeEditorField name="front_height_m" index="19" showLabel="1" />
    </attributeEditorContainer>
  </attributeEditorForm>
  <editable>
    <field name="PrimaryID" editable="0" />
    <field name="WorkingID" editable="1" />
    <field name="PolyUID" editable="0" />
    <field name="OutType" editable="1" />
    <field name="RelFr" editable="1" />
    <field name="RelLeftLM" editable="1" />
    <field name="RelRightLM" editable="1" />
    <field name="RelUpsCon" editable="1" />
    <field name="RelIndex" editable="1" />
    <field name="Comment" editable="1" />
    <field name="area_m2" editable="0" />
    <field name="elevation_min_m" editable="0" />
    <field name="elevation_max_m" editable="0" />
    <field name="elevation_mean_m" editable="0" />
    <field name="slope_mean_deg" editable="0" />
    <field name="aspect_mean_deg" editable="0" />
    <field name="orientation_deg" editable="0" />
    <field name="length_m" editable="0" />
    <field name="width_m" editable="0" />
    <field name="front_height_m" editable="0" />
  </editable>
  <previewExpression>coalesce("WorkingID", "PrimaryID")</previewExpression>
</qgis>
